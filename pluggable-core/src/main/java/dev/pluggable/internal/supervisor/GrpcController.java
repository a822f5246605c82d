package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import dev.pluggable.internal.broker.UnaryAnswer;
import dev.pluggable.proto.goplugin.GRPCControllerGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto.Empty;
import io.grpc.Channel;
import io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks plugins to end ({@code plugin.GRPCController}).
 */
final class GrpcController {

	private static final Logger logger = LoggerFactory.getLogger(GrpcController.class);

	private GrpcController() {
	}

	/**
	 * Ask a plugin to end. Most plugins end before they answer, and some do not know the
	 * method, so the exit of the process is the only proof.
	 * @param channel the connection to the process
	 * @param timeout the longest wait for an answer
	 * @return completes with whether the plugin knows the method; never fails
	 */
	static CompletionStage<Boolean> shutdown(Channel channel, Duration timeout) {
		UnaryAnswer<Empty> answer = new UnaryAnswer<>();
		try {
			GRPCControllerGrpc.newStub(channel)
				.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
				.shutdown(Empty.getDefaultInstance(), answer);
		}
		catch (RuntimeException ex) {
			answer.onError(ex);
		}
		return answer.handle((empty, failure) -> {
			if (failure == null) {
				return true;
			}
			Status.Code code = Status.fromThrowable(failure).getCode();
			logger.debug("A plugin answered the request to end with {}", code);
			return code != Status.Code.UNIMPLEMENTED;
		});
	}

}
