package dev.pluggable.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.pluggable.fixtures.ManualScheduler;
import dev.pluggable.fixtures.TestComponent;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.internal.broker.HostServiceRegistry;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the opening of a {@link ReopeningStream} on a channel without a connection.
 */
class StreamOpeningTests {

	private final ManualScheduler scheduler = new ManualScheduler();

	private final TestComponent component = new TestComponent("bus", Runnable::run, this.scheduler,
			new HostServiceRegistry());

	private final FailingChannel channel = new FailingChannel();

	private final ReopeningStream<String, String> stream = new ReopeningStream<>(this.component, "test stream", 1,
			new Protocol());

	@AfterEach
	void close() {
		this.scheduler.shutdownNow();
	}

	@Test
	void whenTheChannelRefusesACallThenTheStreamIsOpenedAgain() {
		this.channel.onNewCall = Status.INTERNAL.withDescription("no call").asRuntimeException();
		open();
		assertThat(this.stream.status().state()).isEqualTo(StreamStatus.State.WAITING);
		assertThat(this.stream.status().reason()).isEqualTo("INTERNAL (no call)");
		this.channel.onNewCall = null;
		this.scheduler.advance(Duration.ofSeconds(1));
		assertThat(this.channel.events).containsExactly("new", "new", "start", "send opening", "request 1");
	}

	@Test
	void whenTheOpeningCannotBeSentThenTheCallIsCancelledAndTheStreamIsOpenedAgain() {
		this.channel.onSend = Status.INTERNAL.withDescription("no message").asRuntimeException();
		open();
		assertThat(this.channel.events).containsExactly("new", "start", "send opening", "cancel");
		assertThat(this.stream.status().reason()).isEqualTo("INTERNAL (no message)");
		this.channel.onSend = null;
		this.channel.events.clear();
		this.scheduler.advance(Duration.ofSeconds(1));
		assertThat(this.channel.events).containsExactly("new", "start", "send opening", "request 1");
	}

	@Test
	void whenTheConnectionBeforeEndsThenTheStreamIsActiveOnceTheNextOneIsOpen() {
		open();
		this.channel.calls.get(0).onReady();
		assertThat(this.stream.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
		this.component.on(this.channel, Attributes.EMPTY);
		this.scheduler.advance(Duration.ZERO);
		this.channel.calls.get(0).onClose(Status.UNAVAILABLE, new Metadata());
		assertThat(this.stream.status().state()).isEqualTo(StreamStatus.State.WAITING);
		assertThat(this.stream.status().reconnects()).isZero();
		this.channel.calls.get(1).onReady();
		assertThat(this.stream.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
		assertThat(this.stream.status().reconnects()).isEqualTo(1);
	}

	private void open() {
		this.stream.start();
		this.component.on(this.channel, Attributes.EMPTY);
		this.scheduler.advance(Duration.ZERO);
	}

	private static final class Protocol implements StreamProtocol<String, String> {

		@Override
		public MethodDescriptor<String, String> method() {
			return Texts.unary("test.Bus", "Pull");
		}

		@Override
		public String opening() {
			return "opening";
		}

		@Override
		public void handle(String message, Settlement<@Nullable String> settlement) {
			settlement.settle(null);
		}

		@Override
		public void abandon() {
		}

	}

	/**
	 * Makes calls that fail as the test says.
	 */
	private static final class FailingChannel extends Channel {

		private final List<String> events = new ArrayList<>();

		private final List<ClientCall.Listener<?>> calls = new ArrayList<>();

		private @Nullable RuntimeException onNewCall;

		private @Nullable RuntimeException onSend;

		private void did(String event, @Nullable RuntimeException failure) {
			this.events.add(event);
			if (failure != null) {
				throw failure;
			}
		}

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			did("new", this.onNewCall);
			return new ClientCall<>() {

				private @Nullable Listener<R> listener;

				@Override
				public void start(Listener<R> listener, Metadata headers) {
					this.listener = listener;
					FailingChannel.this.calls.add(listener);
					did("start", null);
				}

				@Override
				public void request(int count) {
					did("request " + count, null);
				}

				@Override
				public void cancel(@Nullable String message, @Nullable Throwable cause) {
					did("cancel", null);
					if (this.listener != null) {
						this.listener.onClose(Status.CANCELLED, new Metadata());
					}
				}

				@Override
				public void halfClose() {
				}

				@Override
				public void sendMessage(Q message) {
					did("send " + message, FailingChannel.this.onSend);
				}

			};
		}

		@Override
		public String authority() {
			return "test";
		}

	}

}
