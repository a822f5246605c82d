package dev.pluggable.contract;

import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentClient;
import dev.pluggable.PluggableException;
import dev.pluggable.remote.RemoteObject;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the use of objects.
 */
final class Closing {

	private static final Logger logger = LoggerFactory.getLogger(Closing.class);

	/**
	 * The time limit of the remote call. A failure of this call has no consequence.
	 */
	private static final long SECONDS = 2;

	private Closing() {
	}

	static <Q> void close(ComponentClient client, MethodDescriptor<Q, ?> method, Q request) {
		if (client instanceof RemoteObject object) {
			object.close(method, request);
			return;
		}
		try {
			tell(client, method, request);
		}
		finally {
			close(client);
		}
	}

	private static <Q> void tell(ComponentClient client, MethodDescriptor<Q, ?> method, Q request) {
		if (client.unavailability() != null) {
			return;
		}
		try {
			ClientCalls.blockingUnaryCall(client.channel(), method,
					client.callOptions()
						.withOption(ComponentClient.NO_WAIT, Boolean.TRUE)
						.withDeadlineAfter(SECONDS, TimeUnit.SECONDS),
					request);
		}
		catch (StatusRuntimeException | PluggableException ex) {
			logger.debug("'{}' did not hear of its end", client.component(), ex);
		}
	}

	static void close(ComponentClient client) {
		if (client instanceof RemoteObject object) {
			object.close();
		}
		else if (client instanceof DialedObject object) {
			object.close();
		}
	}

}
