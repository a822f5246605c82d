package dev.pluggable.contract;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentType;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.contract.v1.AddRequest;
import dev.pluggable.fixtures.contract.v1.Counter;
import dev.pluggable.fixtures.contract.v1.CounterGrpc;
import dev.pluggable.fixtures.contract.v1.CounterKind;
import dev.pluggable.fixtures.contract.v1.Helper;
import dev.pluggable.fixtures.contract.v1.NewWorkerRequest;
import dev.pluggable.fixtures.contract.v1.Number;
import dev.pluggable.fixtures.contract.v1.Text;
import dev.pluggable.fixtures.contract.v1.Worker;
import dev.pluggable.fixtures.contract.v1.WorkerKind;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.transport.TransportType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests both sides of a generated contract on a socket, without a plugin.
 */
@Timeout(60)
class ContractSocketTests {

	private final AtomicInteger closed = new AtomicInteger();

	private volatile Function<String, String> work = (text) -> text + "!";

	private final Worker implementation = new Worker() {

		@Override
		public Text work(Text request) {
			return text(ContractSocketTests.this.work.apply(request.getText()));
		}

		@Override
		public void close() {
			ContractSocketTests.this.closed.incrementAndGet();
		}

	};

	private final Transport transport = Transport.create(TransportType.AUTO);

	private Path folder;

	private Server server;

	private ComponentHost host;

	@BeforeEach
	void createFolder() throws Exception {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "cos");
	}

	@AfterEach
	void stop() throws Exception {
		this.host.close();
		this.server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
		this.transport.close();
		Files.deleteIfExists(this.folder.resolve("here.sock"));
		Files.delete(this.folder);
	}

	private <T extends ContractObject> T start(ContractKind<T> kind, T implementation) throws Exception {
		this.server = this.transport.server(this.folder.resolve("here.sock"))
			.addServices(kind.bind(() -> implementation))
			.build()
			.start();
		ComponentDeclaration declaration = new ComponentDeclaration("here", ComponentType.of(kind.name() + ".here"),
				false, Map.of(), new ComponentSettings(Duration.ofSeconds(10), Duration.ofSeconds(30),
						Duration.ofSeconds(30), 4 * 1024 * 1024));
		this.host = new ComponentHost(
				HostSettings.defaults().withDeclarations(List.of(declaration)).withSocketFolders(Set.of(this.folder)),
				List.of(kind), List.of(), (endpoint, builder) -> {
				});
		this.host.start();
		return this.host.registry().find(kind, "here").orElseThrow().instance();
	}

	@Test
	void whenTheHostClosesThenTheComponentHearsOfItOnce() throws Exception {
		Worker worker = start(WorkerKind.INSTANCE, this.implementation);
		assertThat(worker.work(text("x")).getText()).isEqualTo("x!");
		assertThat(this.closed).hasValue(0);
		this.host.close();
		assertThat(this.closed).hasValue(1);
		this.host.close();
		assertThat(this.closed).hasValue(1);
	}

	@Test
	void whenTheComponentDoesNotAnswerThatItIsClosedThenTheHostClosesAnyway() throws Exception {
		CountDownLatch ended = new CountDownLatch(1);
		Worker stuck = new Worker() {

			@Override
			public Text work(Text request) {
				return request;
			}

			@Override
			public void close() {
				try {
					ended.await(30, TimeUnit.SECONDS);
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}

		};
		Worker worker = start(WorkerKind.INSTANCE, stuck);
		worker.work(text("x"));
		long before = System.nanoTime();
		this.host.close();
		ended.countDown();
		assertThat(Duration.ofNanos(System.nanoTime() - before)).isBetween(Duration.ofMillis(1900),
				Duration.ofSeconds(20));
	}

	@Test
	void whenAnImplementationFailsThenTheCallerGetsTheException() throws Exception {
		Worker worker = start(WorkerKind.INSTANCE, this.implementation);
		this.work = (text) -> {
			throw new InvalidRequestException("too long");
		};
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> worker.work(text("x")))
			.withMessageContaining("too long");
		this.work = (text) -> {
			throw Status.UNIMPLEMENTED.withDescription("not here").asRuntimeException();
		};
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> worker.work(text("x")))
			.withMessageContaining("not here");
		this.work = (text) -> {
			throw new IllegalStateException("a secret of the implementation");
		};
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> worker.work(text("x")))
			.withMessageContaining("Work failed: java.lang.IllegalStateException")
			.withMessageNotContaining("a secret");
	}

	@Test
	void whenAStreamIsServedThenItIsPulledAsFastAsTheCallerReadsAndClosed() throws Exception {
		AtomicInteger made = new AtomicInteger();
		CountDownLatch streamClosed = new CountDownLatch(1);
		Counter counter = start(new Unprepared(), new NumbersOnly() {

			@Override
			public Stream<Number> countTo(Number request) {
				return LongStream.rangeClosed(1, request.getValue())
					.peek((value) -> made.incrementAndGet())
					.mapToObj((value) -> Number.newBuilder().setValue(value).build())
					.onClose(streamClosed::countDown);
			}

		});
		try (Stream<Number> numbers = counter.countTo(Number.newBuilder().setValue(10_000_000).build())) {
			assertThat(numbers.limit(5)).extracting(Number::getValue).containsExactly(1L, 2L, 3L, 4L, 5L);
			assertThat(made).hasValueLessThan(1_000_000);
		}
		assertThat(streamClosed.await(20, TimeUnit.SECONDS)).isTrue();
		try (Stream<Number> numbers = counter.countTo(Number.newBuilder().setValue(1000).build())) {
			assertThat(numbers).hasSize(1000);
		}
	}

	@Test
	void whenTheProcessHasNoBrokerThenNothingCanBeHandedOver() throws Exception {
		Counter counter = start(new Unprepared(), new NumbersOnly());
		assertThatExceptionOfType(PluginException.class)
			.isThrownBy(() -> counter.add(AddRequest.getDefaultInstance(), (sum) -> Number.getDefaultInstance()))
			.withMessageContaining("The process has no broker, so the object 'helper_id' cannot be handed over");
		assertThatExceptionOfType(PluggableException.class)
			.isThrownBy(() -> new ContractCalls(counter.client()).unary(CounterGrpc.getAddMethod(),
					AddRequest.newBuilder().setHelperId(7).build()))
			.withMessageContaining("the call does not come from a plugin that has a broker");
	}

	@Test
	void whenNobodyIsThereThenACallThatHandsOverWaitsAndTellsWhy() throws Exception {
		Counter counter = start(new Unprepared(), new NumbersOnly());
		this.server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
		await().until(() -> counter.client().unavailability() != null);
		assertThat(counter.async().add(AddRequest.getDefaultInstance(), null)).isNotDone()
			.satisfies((answer) -> answer.cancel(false));
	}

	private static Text text(String text) {
		return Text.newBuilder().setText(text).build();
	}

	/**
	 * The kind of a counter that needs no {@code Setup}.
	 */
	private static final class Unprepared extends ContractKind<Counter> {

		Unprepared() {
			super("counter", Counter.class, CounterKind.INSTANCE.services());
		}

		@Override
		public List<ServerServiceDefinition> bind(Supplier<? extends Counter> counter) {
			return CounterKind.INSTANCE.bind(counter);
		}

		@Override
		public Counter createProxy(ComponentClient client) {
			return CounterKind.INSTANCE.createProxy(client);
		}

	}

	/**
	 * A counter that only counts.
	 */
	private static class NumbersOnly implements Counter {

		@Override
		public Number add(AddRequest request, @Nullable Helper helper) {
			return Number.getDefaultInstance();
		}

		@Override
		public void keep(@Nullable Helper helper) {
		}

		@Override
		public Number addKept(AddRequest request) {
			return Number.getDefaultInstance();
		}

		@Override
		public Worker newWorker(NewWorkerRequest request, @Nullable Helper helper) {
			throw new UnsupportedOperationException();
		}

		@Override
		public Pair newPair(NewWorkerRequest request, @Nullable Helper helper) {
			throw new UnsupportedOperationException();
		}

		@Override
		public Text register(Text request) {
			return request;
		}

		@Override
		public Stream<Number> countTo(Number request) {
			return Stream.of();
		}

	}

}
