package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import dev.pluggable.internal.broker.UnaryAnswer;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import org.jspecify.annotations.Nullable;

/**
 * What came of asking a plugin whether it is alive ({@code grpc.health.v1}). A plugin
 * that answers is, whatever the answer: that it is not well is for health to show, and no
 * reason to start another process.
 *
 * @param outcome whether there was an answer
 * @param detail the answer, or why there is none: never a text of the plugin's
 */
record GrpcPing(Outcome outcome, String detail) {

	/**
	 * Service that go-plugin's libraries know the plugin by.
	 */
	static final String GO_PLUGIN = "plugin";

	/**
	 * The server as a whole.
	 */
	static final String SERVER = "";

	/**
	 * Ask a plugin. The deadline holds even for a process that is stopped.
	 * @param channel the connection to the process
	 * @param service what to ask for
	 * @param timeout how long to wait for an answer
	 * @return completes with the outcome, never fails
	 */
	static CompletionStage<GrpcPing> ask(Channel channel, String service, Duration timeout) {
		UnaryAnswer<HealthCheckResponse> answer = new UnaryAnswer<>();
		try {
			HealthGrpc.newStub(channel)
				.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
				.check(HealthCheckRequest.newBuilder().setService(service).build(), answer);
		}
		catch (RuntimeException ex) {
			answer.onError(ex);
		}
		return answer.handle((response, failure) -> of(response, failure, timeout));
	}

	private static GrpcPing of(@Nullable HealthCheckResponse response, @Nullable Throwable failure, Duration timeout) {
		if (response != null) {
			return new GrpcPing(Outcome.ANSWERED, response.getStatus().name());
		}
		// What is no status has happened on our side: the connection is being closed.
		Status.Code code = (failure instanceof StatusRuntimeException status) ? status.getStatus().getCode()
				: Status.Code.UNAVAILABLE;
		return switch (code) {
			case DEADLINE_EXCEEDED -> new GrpcPing(Outcome.UNANSWERED, "no answer within " + timeout.toMillis() + "ms");
			case UNAVAILABLE, CANCELLED -> new GrpcPing(Outcome.LOST, "the connection is lost");
			default -> new GrpcPing(Outcome.ANSWERED, code.name());
		};
	}

	/**
	 * Whether there was an answer.
	 */
	enum Outcome {

		/**
		 * There was: the plugin is alive.
		 */
		ANSWERED,

		/**
		 * Not in time: it may hang.
		 */
		UNANSWERED,

		/**
		 * There is no connection any more.
		 */
		LOST

	}

}
