package dev.pluggable.internal.broker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import dev.pluggable.fixtures.ManualScheduler;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.proto.goplugin.GRPCBrokerGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto.ConnInfo;
import dev.pluggable.transport.TransportType;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link GrpcBrokerStream}, and for a {@link GrpcBroker} on it, on a channel
 * without a connection.
 */
class GrpcBrokerStreamTests {

	private final RecordingChannel channel = new RecordingChannel();

	private final List<String> heard = new ArrayList<>();

	private final GrpcBrokerStream.Listener listener = new GrpcBrokerStream.Listener() {

		@Override
		public void announced(Announcement announcement) {
			GrpcBrokerStreamTests.this.heard.add("announced " + announcement.number());
		}

		@Override
		public void ended(String reason) {
			GrpcBrokerStreamTests.this.heard.add("ended: " + reason);
		}

		@Override
		public void unsupported(String reason) {
			GrpcBrokerStreamTests.this.heard.add("unsupported: " + reason);
		}

	};

	@Test
	void whenTheHostAnnouncesThenThePluginReadsNumberAndSocket() {
		GrpcBrokerStream stream = open();
		assertThat(this.channel.method).isEqualTo("plugin.GRPCBroker/StartStream");
		assertThat(stream.announce(7, Path.of("/run/b7"))).isTrue();
		assertThat(this.channel.sent)
			.containsExactly(ConnInfo.newBuilder().setServiceId(7).setNetwork("unix").setAddress("/run/b7").build());
	}

	@Test
	void whenThePluginAnnouncesThenTheListenerHearsOfIt() {
		open();
		this.channel.answer(7);
		this.channel.answer(8);
		assertThat(this.heard).containsExactly("announced 7", "announced 8");
	}

	@Test
	void whenThePluginHasNoBrokerThenThatIsTheReason() {
		open();
		this.channel.end(Status.UNIMPLEMENTED);
		assertThat(this.heard).singleElement()
			.asString()
			.startsWith("unsupported: Plugin 'test' has no broker")
			.contains(GRPCBrokerGrpc.SERVICE_NAME);
	}

	@Test
	void whenTheConnectionIsLostThenTheStatusIsTheReason() {
		open();
		this.channel.end(Status.UNAVAILABLE);
		assertThat(this.heard).containsExactly("ended: The broker stream of plugin 'test' has ended with UNAVAILABLE");
	}

	@Test
	void whenThePluginEndsTheStreamThenThatIsTheReason() {
		open();
		this.channel.end(Status.OK);
		assertThat(this.heard).containsExactly("ended: Plugin 'test' has closed its broker");
	}

	@Test
	void whenTheStreamIsCancelledThenNothingIsAnnouncedAnyMore() {
		GrpcBrokerStream stream = open();
		stream.close();
		stream.close();
		assertThat(this.channel.cancelled).isTrue();
		assertThat(stream.announce(7, Path.of("/run/b7"))).isFalse();
	}

	@Test
	void whenTheTransportCannotConnectThenTheDialFails() {
		ManualScheduler scheduler = new ManualScheduler();
		Transport closed = Transport.create(TransportType.AUTO);
		closed.close();
		try (GrpcBroker broker = new GrpcBroker("test", this.channel, closed, Path.of("/run"), null, null,
				PeerPolicy.allowing(Set.of()), scheduler, Runnable::run,
				PluginSettings.DEFAULT_MAX_INBOUND_MESSAGE_SIZE, BrokerCustomizers.none(), SecretMask.NONE)) {
			CompletableFuture<ManagedChannel> dialed = broker.dial("thing", 7).toCompletableFuture();
			assertThat(dialed).isNotDone();
			this.channel.answer(7);
			assertThat(dialed).failsWithin(Duration.ZERO)
				.withThrowableThat()
				.withCauseInstanceOf(IllegalStateException.class)
				.withMessageContaining("The transport is closed");
			assertThat(broker.dialed()).isEmpty();
		}
		finally {
			scheduler.shutdownNow();
		}
	}

	@Test
	void whenItIsOpenedDuringACallThenItOutlivesTheCall() {
		Context.CancellableContext call = Context.current().withCancellation();
		call.run(this::open);
		call.cancel(null);
		assertThat(this.channel.context).isSameAs(Context.ROOT);
	}

	private GrpcBrokerStream open() {
		return new GrpcBrokerStream("test", this.channel, this.listener);
	}

	/**
	 * A channel with one call, which refuses messages after its cancellation.
	 */
	private static final class RecordingChannel extends Channel {

		private final List<Object> sent = new ArrayList<>();

		private @Nullable String method;

		private @Nullable Context context;

		private ClientCall.@Nullable Listener<ConnInfo> responses;

		private boolean cancelled;

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			this.method = method.getFullMethodName();
			this.context = Context.current();
			return new ClientCall<>() {

				@Override
				@SuppressWarnings("unchecked")
				public void start(Listener<R> listener, Metadata headers) {
					RecordingChannel.this.responses = (Listener<ConnInfo>) listener;
				}

				@Override
				public void request(int count) {
				}

				@Override
				public void cancel(@Nullable String message, @Nullable Throwable cause) {
					RecordingChannel.this.cancelled = true;
				}

				@Override
				public void halfClose() {
				}

				@Override
				public void sendMessage(Q message) {
					if (RecordingChannel.this.cancelled) {
						throw new IllegalStateException("call was cancelled");
					}
					RecordingChannel.this.sent.add(message);
				}

			};
		}

		void answer(int number) {
			responses()
				.onMessage(ConnInfo.newBuilder().setServiceId(number).setNetwork("unix").setAddress("/a").build());
		}

		void end(Status status) {
			responses().onClose(status, new Metadata());
		}

		private ClientCall.Listener<ConnInfo> responses() {
			assertThat(this.responses).isNotNull();
			return this.responses;
		}

		@Override
		public String authority() {
			return "test";
		}

	}

}
