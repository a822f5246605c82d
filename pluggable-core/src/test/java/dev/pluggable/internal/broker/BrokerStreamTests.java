package dev.pluggable.internal.broker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.pluggable.proto.goplugin.GRPCBrokerGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto.ConnInfo;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BrokerStream} on a channel without a connection.
 */
class BrokerStreamTests {

	private final RecordingChannel channel = new RecordingChannel();

	private final List<String> heard = new ArrayList<>();

	private final BrokerStream.Listener listener = new BrokerStream.Listener() {

		@Override
		public void announced(ConnInfo info) {
			BrokerStreamTests.this.heard.add("announced " + info.getServiceId());
		}

		@Override
		public void ended(String reason) {
			BrokerStreamTests.this.heard.add("ended: " + reason);
		}

		@Override
		public void unsupported(String reason) {
			BrokerStreamTests.this.heard.add("unsupported: " + reason);
		}

	};

	@Test
	void whenTheHostAnnouncesThenThePluginReadsNumberAndSocket() {
		BrokerStream stream = open();
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
		BrokerStream stream = open();
		stream.close();
		stream.close();
		assertThat(this.channel.cancelled).isTrue();
		assertThat(stream.announce(7, Path.of("/run/b7"))).isFalse();
	}

	@Test
	void whenItIsOpenedDuringACallThenItOutlivesTheCall() {
		Context.CancellableContext call = Context.current().withCancellation();
		call.run(this::open);
		call.cancel(null);
		assertThat(this.channel.context).isSameAs(Context.ROOT);
	}

	private BrokerStream open() {
		return new BrokerStream("test", this.channel, this.listener);
	}

	/**
	 * Has one call, which refuses messages once it is cancelled.
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
			responses().onMessage(ConnInfo.newBuilder().setServiceId(number).setAddress("/a").build());
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
