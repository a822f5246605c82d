package dev.pluggable.internal.transport;

import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.pluggable.fixtures.Texts;
import dev.pluggable.internal.support.RepeatableCall;
import dev.pluggable.internal.support.RequestNotSentException;
import dev.pluggable.internal.support.StatusMask;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ProcessCall}.
 */
class ProcessCallTests {

	private final List<Attempt> attempts = new ArrayList<>();

	private boolean usable;

	private Attempt attempt(CallOptions options) {
		Attempt attempt = new Attempt(options);
		this.attempts.add(attempt);
		return attempt;
	}

	private CompletableFuture<Status> call(boolean repeatedByCaller) {
		Channel channel = new Channel() {

			@Override
			@SuppressWarnings("unchecked")
			public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
				return (ClientCall<Q, R>) attempt(options);
			}

			@Override
			public String authority() {
				return "test";
			}

		};
		CallOptions options = CallOptions.DEFAULT.withOption(RepeatableCall.REPEATED, repeatedByCaller);
		ClientCall<String, String> call = ClientInterceptors
			.intercept(channel,
					ProcessCall.interceptor(() -> this.usable, (status, trailers) -> status, StatusMask.NONE))
			.newCall(Texts.unary("test.Echo", "Say"), options);
		CompletableFuture<Status> ended = new CompletableFuture<>();
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onClose(Status status, Metadata trailers) {
				ended.complete(status);
			}

		}, new Metadata());
		call.request(1);
		call.sendMessage("hello");
		call.halfClose();
		return ended;
	}

	private static Status closed() {
		return Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenTheConnectionEndsBeforeTheHeadersAreWrittenThenTheRequestWasNotSent(boolean repeatedByCaller) {
		CompletableFuture<Status> ended = call(repeatedByCaller);
		this.attempts.get(0).end(closed());
		assertThat(ended.join().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
		assertThat(ended.join().getCause()).isInstanceOf(RequestNotSentException.class);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenTheConnectionEndsAfterTheHeadersAreWrittenThenTheServerMayHaveSeenTheRequest(boolean repeatedByCaller) {
		this.usable = true;
		CompletableFuture<Status> ended = call(repeatedByCaller);
		this.attempts.get(0).tracer().outboundHeaders();
		this.attempts.get(0).end(closed());
		assertThat(ended.join().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
		assertThat(ended.join().getCause()).isInstanceOf(ClosedChannelException.class);
		assertThat(this.attempts).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 3 })
	void whenTheChannelCanMakeAnotherAttemptThenItDoes(int lost) {
		this.usable = true;
		CompletableFuture<Status> ended = call(false);
		for (int i = 0; i < lost; i++) {
			this.attempts.get(i).end(closed());
		}
		assertThat(ended).isNotDone();
		this.attempts.get(lost).end(Status.OK);
		assertThat(ended.join()).isEqualTo(Status.OK);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenAServerAnswersUnknownThenTheStatusStays(boolean repeatedByCaller) {
		CompletableFuture<Status> ended = call(repeatedByCaller);
		Status answer = Status.UNKNOWN.withDescription("channel closed");
		this.attempts.get(0).end(answer);
		assertThat(ended.join()).isEqualTo(answer);
	}

	/**
	 * A call on a connection, which the test ends.
	 */
	private static final class Attempt extends ClientCall<String, String> {

		private final CallOptions options;

		private Listener<String> listener;

		Attempt(CallOptions options) {
			this.options = options;
		}

		ClientStreamTracer tracer() {
			return this.options.getStreamTracerFactories()
				.get(0)
				.newClientStreamTracer(ClientStreamTracer.StreamInfo.newBuilder().setCallOptions(this.options).build(),
						new Metadata());
		}

		void end(Status status) {
			this.listener.onClose(status, new Metadata());
		}

		@Override
		public void start(Listener<String> listener, Metadata headers) {
			this.listener = listener;
		}

		@Override
		public void request(int messages) {
		}

		@Override
		public void cancel(String message, Throwable cause) {
		}

		@Override
		public void halfClose() {
		}

		@Override
		public void sendMessage(String message) {
		}

	}

}
