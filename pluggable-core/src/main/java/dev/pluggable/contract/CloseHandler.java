package dev.pluggable.contract;

import dev.pluggable.plugin.BrokeredServer;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import org.jspecify.annotations.Nullable;

/**
 * Answers the method that closes an object. If the object is alone on a connection, the
 * connection ends after the first answer. Safe for use by many threads.
 *
 * @param <Q> request
 * @param <R> answer
 */
final class CloseHandler<Q, R> implements ServerCallHandler<Q, R> {

	private final ServerCallHandler<Q, R> delegate;

	private volatile boolean ended;

	private volatile @Nullable BrokeredServer server;

	CloseHandler(ServerCallHandler<Q, R> delegate) {
		this.delegate = delegate;
	}

	/**
	 * End a server after the answer.
	 * @param server the server of the object
	 */
	void ends(BrokeredServer server) {
		this.server = server;
		if (this.ended) {
			// The plugin chose the id, so it could call before this method.
			server.close();
		}
	}

	private void end() {
		this.ended = true;
		BrokeredServer server = this.server;
		if (server != null) {
			server.close();
		}
	}

	@Override
	public ServerCall.Listener<Q> startCall(ServerCall<Q, R> call, Metadata headers) {
		return new SimpleForwardingServerCallListener<>(this.delegate.startCall(call, headers)) {

			@Override
			public void onComplete() {
				super.onComplete();
				end();
			}

			@Override
			public void onCancel() {
				super.onCancel();
				end();
			}

		};
	}

}
