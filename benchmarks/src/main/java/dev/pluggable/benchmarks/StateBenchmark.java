package dev.pluggable.benchmarks;

import java.util.concurrent.TimeUnit;

import dev.pluggable.state.StateStoreKind;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Calls a state store in another process, for JMH with its profilers. Each JMH process
 * measures one side only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init")
public class StateBenchmark {

	/** Size of the value in bytes. */
	@Param({ "100", "4096", "1048576" })
	public int size;

	private Side side;

	private StateCalls proxy;

	private StateCalls stub;

	private byte[] value;

	/**
	 * Start the component, and connect to it.
	 * @throws Exception if the start fails
	 */
	@Setup
	public void start() throws Exception {
		this.side = new Side();
		this.proxy = StateCalls.of(this.side.injected(StateStoreKind.INSTANCE));
		this.stub = StateCalls.byHand(this.side.unix());
		this.value = new byte[this.size];
		this.proxy.set("key", this.value);
	}

	/**
	 * Stop the component and the host.
	 * @throws Exception if the end fails
	 */
	@TearDown
	public void end() throws Exception {
		this.side.close();
	}

	/**
	 * Read through the injected object.
	 * @return the value
	 */
	@Benchmark
	public Object proxyGet() {
		return this.proxy.get("key");
	}

	/**
	 * Read through the stub.
	 * @return the value
	 */
	@Benchmark
	public Object stubGet() {
		return this.stub.get("key");
	}

	/**
	 * Write through the injected object.
	 * @return any object
	 */
	@Benchmark
	public Object proxySet() {
		return this.proxy.set("key", this.value);
	}

	/**
	 * Write through the stub.
	 * @return any object
	 */
	@Benchmark
	public Object stubSet() {
		return this.stub.set("key", this.value);
	}

}
