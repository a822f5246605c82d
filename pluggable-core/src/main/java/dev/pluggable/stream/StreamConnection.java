package dev.pluggable.stream;

import dev.pluggable.ComponentGeneration;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * One call of the method of a {@link ReopeningStream}, on one generation of the
 * component. All fields that change are used in the serial context of the stream only;
 * the callbacks of gRPC hand over to it.
 *
 * @param <Q> the messages that we send
 * @param <R> the messages that the component sends
 */
final class StreamConnection<Q, R> extends ClientCall.Listener<R> {

	private final ComponentGeneration generation;

	private final ReopeningStream<Q, R> stream;

	private final long createdAt = System.nanoTime();

	private @Nullable ClientCall<Q, R> call;

	private @Nullable BoundedMessages<R> bounded;

	/** The messages that were requested and have not arrived. */
	private int requested;

	/** The messages that have arrived and are not settled. */
	private int unsettled;

	/** Whether another connection has taken the place of this one. */
	private boolean retired;

	/** Whether we send no more answers. */
	private boolean ended;

	/** Whether gRPC has reported the end of the call. */
	private boolean closed;

	StreamConnection(ReopeningStream<Q, R> stream, ComponentGeneration generation) {
		this.stream = stream;
		this.generation = generation;
	}

	ComponentGeneration generation() {
		return this.generation;
	}

	long ageNanos() {
		return System.nanoTime() - this.createdAt;
	}

	void open(MethodDescriptor<Q, R> method, CallOptions options, @Nullable Q opening) {
		BoundedMessages<R> bounded = BoundedMessages.of(method, options.getMaxInboundMessageSize());
		this.bounded = bounded;
		ClientCall<Q, R> call = (bounded == null) ? this.generation.channel().newCall(method, options)
				: this.generation.channel()
					.newCall(method.toBuilder(method.getRequestMarshaller(), bounded).build(),
							options.withMaxInboundMessageSize(BoundedMessages.MAX_REFUSED));
		this.call = call;
		call.start(this, new Metadata());
		if (opening != null) {
			call.sendMessage(opening);
		}
	}

	/**
	 * Whether the component reads our answers as fast as we send them.
	 */
	boolean isReady() {
		return this.call != null && !this.ended && this.call.isReady();
	}

	void request(int count) {
		ClientCall<Q, R> call = this.call;
		if (call != null) {
			this.requested += count;
			call.request(count);
		}
	}

	/**
	 * Stop counting the messages that were requested and have not arrived.
	 * @return their number
	 */
	int takeRequested() {
		int requested = this.requested;
		this.requested = 0;
		return requested;
	}

	/**
	 * Count a message that has arrived.
	 * @return {@code false} if the stream no longer takes messages
	 */
	boolean begin() {
		if (this.closed || this.retired) {
			return false;
		}
		this.requested--;
		this.unsettled++;
		return true;
	}

	/**
	 * Count a message that is settled, and send its answer if the stream is still open.
	 */
	void settle(@Nullable Q answer) {
		ClientCall<Q, R> call = this.call;
		if (answer != null && call != null && !this.closed && !this.ended) {
			call.sendMessage(answer);
		}
		this.unsettled--;
	}

	boolean isIdle() {
		return this.unsettled == 0;
	}

	boolean isRetired() {
		return this.retired;
	}

	void retire() {
		this.retired = true;
	}

	/**
	 * Tell the component that no more answers come.
	 * @return {@code false} if the component knows that already
	 */
	boolean end() {
		ClientCall<Q, R> call = this.call;
		if (call == null || this.ended || this.closed) {
			return false;
		}
		this.ended = true;
		call.halfClose();
		return true;
	}

	void cancel() {
		ClientCall<Q, R> call = this.call;
		if (call != null && !this.closed) {
			this.ended = true;
			call.cancel("The application has ended the stream", null);
		}
	}

	void closed() {
		this.closed = true;
	}

	@Override
	public void onReady() {
		this.stream.execute(() -> this.stream.ready(this));
	}

	@Override
	public void onMessage(R message) {
		BoundedMessages<R> bounded = this.bounded;
		if (bounded != null && bounded.tooLarge() > 0) {
			this.stream.tooLarge(this, message, bounded.tooLarge(), bounded.limit());
		}
		else {
			this.stream.arrived(this, message);
		}
	}

	@Override
	public void onClose(Status status, Metadata trailers) {
		this.stream.execute(() -> this.stream.closed(this, status));
	}

}
