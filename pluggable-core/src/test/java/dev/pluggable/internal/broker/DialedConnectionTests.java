package dev.pluggable.internal.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.pluggable.fixtures.LogCapture;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DialedConnection}.
 */
class DialedConnectionTests {

	private final Delegate delegate = new Delegate();

	private final List<DialedConnection> closing = new ArrayList<>();

	private final DialedConnection connection = new DialedConnection("test", -2, "thing", (listener) -> this.delegate,
			this.closing::add);

	@Test
	void whenItIsNewThenItIsDescribed() {
		assertThat(this.connection.describe().id()).isEqualTo(-2);
		assertThat(this.connection.describe().name()).isEqualTo("thing");
		assertThat(this.connection.ended()).isFalse();
		assertThat(this.connection.authority()).isEqualTo("delegate");
		assertThat(this.connection.getState(true)).isEqualTo(ConnectivityState.READY);
	}

	@Test
	void whenTheConnectionHasEndedThenItSaysSo() {
		this.connection.closed();
		assertThat(this.connection.ended()).isTrue();
		assertThat(this.closing).as("its owner closes it").isEmpty();
	}

	@Test
	void whenItIsShutDownNowThenItIsClosed() {
		this.connection.shutdownNow();
		assertThat(this.connection.isShutdown()).isTrue();
		assertThat(this.closing).containsExactly(this.connection);
	}

	@Test
	void whenItIsShutDownThenItIsClosedUnlessCallsAreUnderWay() {
		this.delegate.calls = true;
		this.connection.shutdown();
		assertThat(this.closing).isEmpty();
		this.delegate.calls = false;
		this.connection.shutdown();
		assertThat(this.closing).containsExactly(this.connection);
	}

	@Test
	void whenThePeerIsRefusedThenThatIsLogged() {
		try (LogCapture logs = new LogCapture()) {
			this.connection.refused("it runs as another user");
			assertThat(logs.text())
				.contains("WARN Connection 4294967294 of plugin 'test' is refused: it runs as another user");
		}
	}

	private static final class Delegate extends ManagedChannel {

		private boolean calls;

		private boolean shutdown;

		@Override
		public ManagedChannel shutdown() {
			this.shutdown = true;
			return this;
		}

		@Override
		public ManagedChannel shutdownNow() {
			return shutdown();
		}

		@Override
		public boolean isShutdown() {
			return this.shutdown;
		}

		@Override
		public boolean isTerminated() {
			return this.shutdown && !this.calls;
		}

		@Override
		public boolean awaitTermination(long timeout, TimeUnit unit) {
			return isTerminated();
		}

		@Override
		public ConnectivityState getState(boolean requestConnection) {
			return ConnectivityState.READY;
		}

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			throw new UnsupportedOperationException();
		}

		@Override
		public String authority() {
			return "delegate";
		}

	}

}
