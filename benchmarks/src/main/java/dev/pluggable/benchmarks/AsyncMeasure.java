package dev.pluggable.benchmarks;

import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import com.google.protobuf.ByteString;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Measures asynchronous calls with many in flight from one thread, against as many
 * threads that wait for their calls.
 */
final class AsyncMeasure implements Measure {

	private static final int IN_FLIGHT = 256;

	private static final String THREADS = "256 threads";

	private static final String ONE = "one thread";

	@Override
	public void run(Scale scale, Report report) throws Exception {
		Table table = report.table("Calls in flight",
				"Reading 100 B with 256 calls in flight. Times are in microseconds; bytes and processor time are those "
						+ "of this process per call. Ratios are relative to the threads, round by round: less is better.");
		try (Side side = new Side(); Callers callers = Callers.platform(IN_FLIGHT)) {
			ComponentCalls calls = new ComponentCalls(side.client(), ComponentCalls.FailureTranslator.NONE);
			calls.unary(StateStoreGrpc.getSetMethod(),
					StateProto.SetRequest.newBuilder()
						.setKey("key")
						.setValue(ByteString.copyFrom(new byte[100]))
						.build());
			StateProto.GetRequest request = StateProto.GetRequest.newBuilder().setKey("key").build();
			Callable<?> blocking = () -> calls.unary(StateStoreGrpc.getGetMethod(), request);
			Rounds<Callers.Result> rounds = new Rounds<>(side.warmup());
			rounds.add(THREADS, () -> callers.round(Collections.nCopies(IN_FLIGHT, blocking), scale.round()));
			rounds.add(ONE, () -> oneThread(calls, request, scale.round()));
			rounds.run(scale);
			for (String name : rounds.names()) {
				table.row("by", name, "calls/s", rounds.figure(name, Callers.Result::perSecond).median(), "p50",
						rounds.figure(name, Callers.Result::p50).median(), "p99",
						rounds.figure(name, Callers.Result::p99).median(), "bytes",
						rounds.figure(name, Callers.Result::bytes).median(), "processor",
						rounds.figure(name, Callers.Result::processor).median(), "time ratio",
						rounds.ratio(name, THREADS, Callers.Result::interval));
			}
			report.aims()
				.add(Aim.orBetter("throughput, 256 asynchronous calls of one thread against 256 threads", 1,
						rounds.ratio(ONE, THREADS, Callers.Result::interval).median()));
		}
	}

	private static Callers.Result oneThread(ComponentCalls calls, StateProto.GetRequest request, Duration duration)
			throws Exception {
		Histogram times = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
		Semaphore free = new Semaphore(IN_FLIGHT);
		AtomicReference<Throwable> failed = new AtomicReference<>();
		long bytes = Allocation.bytes();
		long processor = Allocation.processorNanos();
		long begun = System.nanoTime();
		while (System.nanoTime() - begun < duration.toNanos() && failed.get() == null) {
			free.acquire();
			long before = System.nanoTime();
			calls.async(StateStoreGrpc.getGetMethod(), request).whenComplete((response, failure) -> {
				if (failure != null) {
					failed.set(failure);
				}
				times.recordValue(System.nanoTime() - before);
				free.release();
			});
		}
		free.acquire(IN_FLIGHT);
		long nanos = System.nanoTime() - begun;
		if (failed.get() != null) {
			throw new IllegalStateException("A call failed", failed.get());
		}
		return Callers.Result.of(times, nanos, Allocation.bytes() - bytes, Allocation.processorNanos() - processor);
	}

}
