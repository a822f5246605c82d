package dev.pluggable.internal.broker;

import java.util.function.BooleanSupplier;

import dev.pluggable.internal.support.StatusLimit;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/**
 * Connects an incoming call with the call to a target. The proxy forwards headers,
 * messages, status, trailers and cancellation. The proxy reads from one side only as fast
 * as the other side takes messages. No thread waits.
 */
final class ProxiedCall extends ServerCall.Listener<byte[]> {

	private final ServerCall<byte[], byte[]> caller;

	private final ClientCall<byte[], byte[]> target;

	private final StatusLimit limit;

	private final Direction requests = new Direction();

	private final Direction responses = new Direction();

	ProxiedCall(ServerCall<byte[], byte[]> caller, ClientCall<byte[], byte[]> target, StatusLimit limit) {
		this.caller = caller;
		this.target = target;
		this.limit = limit;
	}

	/**
	 * Start the call to the target and ask both sides for their first message.
	 */
	void start(Metadata headers) {
		this.target.start(new Responses(), headers);
		this.target.request(1);
		this.caller.request(1);
	}

	@Override
	public void onMessage(byte[] message) {
		this.target.sendMessage(message);
		if (this.requests.mayContinue(this.target::isReady)) {
			this.caller.request(1);
		}
	}

	@Override
	public void onHalfClose() {
		this.target.halfClose();
	}

	@Override
	public void onCancel() {
		this.target.cancel("The caller has cancelled the call", null);
	}

	@Override
	public void onReady() {
		if (this.responses.resume()) {
			this.target.request(1);
		}
	}

	/**
	 * Forwards the responses of the target.
	 */
	private final class Responses extends ClientCall.Listener<byte[]> {

		@Override
		public void onHeaders(Metadata headers) {
			ProxiedCall.this.limit.sendHeaders(ProxiedCall.this.caller, headers);
		}

		@Override
		public void onMessage(byte[] message) {
			ProxiedCall.this.caller.sendMessage(message);
			if (ProxiedCall.this.responses.mayContinue(ProxiedCall.this.caller::isReady)) {
				ProxiedCall.this.target.request(1);
			}
		}

		@Override
		public void onReady() {
			if (ProxiedCall.this.requests.resume()) {
				ProxiedCall.this.caller.request(1);
			}
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			ProxiedCall.this.limit.close(ProxiedCall.this.caller, status, trailers);
		}

	}

	/**
	 * The messages in one direction. They pause while the receiver takes no more.
	 */
	private static final class Direction {

		private boolean paused;

		/**
		 * Pause unless the receiver takes another message. This method asks the receiver
		 * under the lock, so that no change of the receiver is missed.
		 * @return whether the sender may send another message
		 */
		synchronized boolean mayContinue(BooleanSupplier ready) {
			this.paused = !ready.getAsBoolean();
			return !this.paused;
		}

		/**
		 * The receiver takes messages again.
		 * @return whether the messages were paused
		 */
		synchronized boolean resume() {
			boolean resumed = this.paused;
			this.paused = false;
			return resumed;
		}

	}

}
