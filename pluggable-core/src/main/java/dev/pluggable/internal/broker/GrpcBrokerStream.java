package dev.pluggable.internal.broker;

import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.proto.goplugin.GRPCBrokerGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto.ConnInfo;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream on which the host and one process announce connections to each other (method
 * {@code StartStream} of the service {@code plugin.GRPCBroker}). The stream is open for
 * as long as the process lives. Safe for use by many threads.
 */
final class GrpcBrokerStream {

	private static final Logger logger = LoggerFactory.getLogger(GrpcBrokerStream.class);

	private final String plugin;

	/**
	 * Guards sending, because a stream takes one message at a time.
	 */
	private final ReentrantLock lock = new ReentrantLock();

	private final ClientCallStreamObserver<ConnInfo> requests;

	/**
	 * Open the stream.
	 * @param plugin name of the plugin, for messages
	 * @param control the main connection to the process
	 * @param listener hears of the plugin's messages and of the end of the stream
	 */
	GrpcBrokerStream(String plugin, Channel control, Listener listener) {
		this.plugin = plugin;
		this.requests = open(control, new Responses(listener));
	}

	/**
	 * Open the stream outside the context of the current call. The broker may be created
	 * during a call, and the stream must outlive that call.
	 */
	private static ClientCallStreamObserver<ConnInfo> open(Channel control, StreamObserver<ConnInfo> responses) {
		Context before = Context.ROOT.attach();
		try {
			return (ClientCallStreamObserver<ConnInfo>) GRPCBrokerGrpc.newStub(control).startStream(responses);
		}
		finally {
			Context.ROOT.detach(before);
		}
	}

	/**
	 * Announce a connection that the host serves.
	 * @param number the number of the connection
	 * @param socket the socket on which the host listens
	 * @return {@code false} if the stream has ended
	 */
	boolean announce(int number, Path socket) {
		ConnInfo info = ConnInfo.newBuilder()
			.setServiceId(number)
			.setNetwork("unix")
			.setAddress(socket.toString())
			.build();
		this.lock.lock();
		try {
			this.requests.onNext(info);
			return true;
		}
		catch (IllegalStateException ex) {
			logger.debug("The broker stream of plugin '{}' has ended", this.plugin, ex);
			return false;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Cancel the stream. A stream that has ended stays as it is.
	 */
	void close() {
		this.lock.lock();
		try {
			this.requests.cancel("The broker is closed", null);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Hears of the plugin's messages and of the end of the stream.
	 */
	interface Listener {

		/**
		 * The plugin announces a connection that it serves.
		 * @param announcement the connection
		 */
		void announced(Announcement announcement);

		/**
		 * The stream has ended. Existing connections stay open.
		 * @param reason why it has ended
		 */
		void ended(String reason);

		/**
		 * The plugin does not know the stream.
		 * @param reason why there are no connections
		 */
		void unsupported(String reason);

	}

	/**
	 * Receives the messages of the plugin.
	 */
	private final class Responses implements StreamObserver<ConnInfo> {

		private final Listener listener;

		Responses(Listener listener) {
			this.listener = listener;
		}

		@Override
		public void onNext(ConnInfo info) {
			this.listener.announced(new Announcement(info.getServiceId(), info.getNetwork(), info.getAddress()));
		}

		@Override
		public void onError(Throwable failure) {
			Status status = Status.fromThrowable(failure);
			if (status.getCode() == Status.Code.UNIMPLEMENTED) {
				this.listener.unsupported("Plugin '" + GrpcBrokerStream.this.plugin
						+ "' has no broker: it does not offer the gRPC service '" + GRPCBrokerGrpc.SERVICE_NAME
						+ "', so there are no connections besides the main one");
			}
			else {
				this.listener.ended("The broker stream of plugin '" + GrpcBrokerStream.this.plugin + "' has ended with "
						+ status.getCode());
			}
		}

		@Override
		public void onCompleted() {
			this.listener.ended("Plugin '" + GrpcBrokerStream.this.plugin + "' has closed its broker");
		}

	}

}
