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
 * Result of a health check ({@code grpc.health.v1}) of a plugin. Any answer proves that
 * the plugin is alive. An answer such as {@code NOT_SERVING} appears in the application's
 * health and does not cause a restart.
 *
 * @param outcome whether the plugin answered
 * @param detail the answer, or the reason for its absence; never a text of the plugin
 */
record GrpcPing(Outcome outcome, String detail) {

	/**
	 * Name of the plugin's service in the go-plugin libraries.
	 */
	static final String GO_PLUGIN = "plugin";

	/**
	 * The server as a whole.
	 */
	static final String SERVER = "";

	/**
	 * Check a plugin. The deadline holds even for a suspended process.
	 * @param channel the connection to the process
	 * @param service name of the service, empty for the server
	 * @param timeout the longest wait for an answer
	 * @return completes with the result; never fails
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
		// An exception without a status comes from a connection that is being closed.
		Status.Code code = (failure instanceof StatusRuntimeException status) ? status.getStatus().getCode()
				: Status.Code.UNAVAILABLE;
		return switch (code) {
			case DEADLINE_EXCEEDED -> new GrpcPing(Outcome.UNANSWERED, "no answer within " + timeout.toMillis() + "ms");
			case UNAVAILABLE, CANCELLED -> new GrpcPing(Outcome.LOST, "the connection is lost");
			default -> new GrpcPing(Outcome.ANSWERED, code.name());
		};
	}

	/**
	 * Whether the plugin answered.
	 */
	enum Outcome {

		/**
		 * The plugin answered: it is alive.
		 */
		ANSWERED,

		/**
		 * The plugin did not answer in time: it may hang.
		 */
		UNANSWERED,

		/**
		 * The connection is lost.
		 */
		LOST

	}

}
