package dev.pluggable.contract;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentGeneration;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link DialedObject}, without sockets.
 */
@Timeout(60)
class DialedObjectTests {

	private static final MethodDescriptor<String, String> METHOD = Texts.unary("test.Thing", "Do");

	private static final MethodDescriptor<String, String> STREAM = Texts.method("test.Thing", "Watch",
			MethodDescriptor.MethodType.SERVER_STREAMING);

	private final String name = InProcessServerBuilder.generateName();

	/** A server that has no method, so each call that reaches it ends with its status. */
	private final Server server = InProcessServerBuilder.forName(this.name).build();

	private final List<CallOptions> calls = new ArrayList<>();

	private final ManagedChannel connection = InProcessChannelBuilder.forName(this.name)
		.intercept(new Recorder())
		.build();

	private CompletionStage<ManagedChannel> dialed = CompletableFuture.completedFuture(this.connection);

	private final PluginBroker broker = (PluginBroker) Proxy.newProxyInstance(getClass().getClassLoader(),
			new Class<?>[] { PluginBroker.class }, (broker, method, arguments) -> switch (method.getName()) {
				case "dial" -> this.dialed;
				case "toString" -> "a fake";
				default -> method.getName().equals("equals") && broker == arguments[0];
			});

	@BeforeEach
	void start() throws IOException {
		this.server.start();
	}

	@AfterEach
	void close() throws InterruptedException {
		this.connection.shutdownNow();
		this.server.shutdownNow();
		assertThat(this.connection.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		assertThat(this.server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	private DialedObject dial() {
		return DialedObject.dial("worker", this.broker, 1);
	}

	private DialedObject connected() {
		DialedObject object = dial();
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.until(() -> this.connection.getState(false) == ConnectivityState.READY);
		return object;
	}

	private static void awaitEnd(DialedObject object) {
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !object.current());
	}

	@Test
	void whenItIsDialledThenItConnectsAtOnceAndIsItsOwnOnlyGeneration() {
		DialedObject object = connected();
		assertThat(object.component()).isEqualTo("worker");
		assertThat(object.kind()).isEqualTo("object");
		assertThat(object.features()).isEmpty();
		assertThat(object.unavailability()).isNull();
		assertThat(object.generation()).isOne();
		assertThat(object.attributes().get(PluginBroker.KEY)).isSameAs(this.broker);
		assertThat(object).hasToString("Object 'worker'");
		List<ComponentGeneration> heard = new ArrayList<>();
		object.onGeneration(heard::add).close();
		assertThat(heard).containsExactly(object);
		assertThat(object.number()).isOne();
		assertThat(object.current()).isTrue();
	}

	@Test
	void whenTheDialFailsThenTheReasonIsThrown() {
		PluginException reason = new PluginException("nobody has announced it");
		this.dialed = CompletableFuture.failedFuture(reason);
		assertThatExceptionOfType(PluginException.class).isThrownBy(this::dial).isSameAs(reason);
	}

	@Test
	void whenACallHasNoDeadlineThenItHasTheCallTimeout() {
		DialedObject object = connected();
		call(object, METHOD, CallOptions.DEFAULT);
		assertThat(deadline()).isNotNull();
		assertThat(deadline().timeRemaining(TimeUnit.NANOSECONDS)).isPositive()
			.isLessThanOrEqualTo(object.callTimeout().toNanos());
	}

	@Test
	void whenACallHasADeadlineThenTheDeadlineStays() {
		Deadline own = Deadline.after(1, TimeUnit.HOURS);
		call(connected(), METHOD, CallOptions.DEFAULT.withDeadline(own));
		assertThat(deadline()).isSameAs(own);
	}

	@Test
	void whenAStreamHasNoDeadlineThenItStaysWithoutLimit() {
		connected().channel().newCall(STREAM, CallOptions.DEFAULT).cancel("not needed", null);
		assertThat(deadline()).isNull();
	}

	@Test
	void whenItIsClosedThenItsConnectionEndsAndFurtherCallsFail() {
		DialedObject object = connected();
		object.close();
		assertThat(this.connection.isShutdown()).isTrue();
		assertEnded(object);
		object.close();
		assertEnded(object);
	}

	@Test
	void whenItsConnectionIsLostThenItIsClosed() {
		DialedObject object = connected();
		this.server.shutdownNow();
		awaitEnd(object);
		assertThat(this.connection.isShutdown()).isTrue();
		assertEnded(object);
	}

	@Test
	void whenNobodyAcceptsTheConnectionThenItIsClosed() {
		this.server.shutdownNow();
		DialedObject object = dial();
		awaitEnd(object);
		assertEnded(object);
	}

	@Test
	void whenTheBrokerClosesTheConnectionThenItIsClosed() {
		DialedObject object = connected();
		this.connection.shutdown();
		awaitEnd(object);
		assertEnded(object);
	}

	@Test
	void whenTheBrokerIsNotThatOfAHostThenThereAreNoThreads() {
		DialedObject object = connected();
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(object::executor)
			.withMessageContaining("Not the broker of a host");
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(object::scheduler);
	}

	private void assertEnded(DialedObject object) {
		assertThat(object.current()).isFalse();
		assertThat(object.unavailability()).isEqualTo("its process has ended, or one side has closed it");
		assertThat(call(object, METHOD, CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
	}

	private static Status call(DialedObject object, MethodDescriptor<String, String> method, CallOptions options) {
		try {
			ClientCalls.blockingUnaryCall(object.channel(), method, options, "x");
			return Status.OK;
		}
		catch (StatusRuntimeException ex) {
			return ex.getStatus();
		}
	}

	private Deadline deadline() {
		return this.calls.get(this.calls.size() - 1).getDeadline();
	}

	private final class Recorder implements ClientInterceptor {

		@Override
		public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
			DialedObjectTests.this.calls.add(options);
			return next.newCall(method, options);
		}

	}

}
