package dev.pluggable.kind;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import dev.pluggable.PluggableException;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * The responses of a call, which the caller pulls one by one. At most one response waits
 * for the caller.
 *
 * @param <R> the response
 */
final class ResponseStream<R> extends ClientCall.Listener<R> implements Iterator<R> {

	private final ClientCall<?, R> call;

	private final Function<StatusRuntimeException, PluggableException> failures;

	private final BlockingQueue<Event<R>> events = new LinkedBlockingQueue<>();

	/**
	 * The event that the caller has not seen.
	 */
	private @Nullable Event<R> next;

	private ResponseStream(ClientCall<?, R> call, Function<StatusRuntimeException, PluggableException> failures) {
		this.call = call;
		this.failures = failures;
	}

	/**
	 * Make the call.
	 * @param call a call that has not started
	 * @param failures turns the status of a failed call into the exception to throw
	 * @return the responses; closing the stream cancels the call
	 */
	static <Q, R> Stream<R> open(ClientCall<Q, R> call, Q request,
			Function<StatusRuntimeException, PluggableException> failures) {
		ResponseStream<R> responses = new ResponseStream<>(call, failures);
		try {
			call.start(responses, new Metadata());
			call.sendMessage(request);
			call.halfClose();
		}
		catch (RuntimeException | Error ex) {
			call.cancel(null, ex);
			throw ex;
		}
		return StreamSupport
			.stream(Spliterators.spliteratorUnknownSize(responses, Spliterator.ORDERED | Spliterator.NONNULL), false)
			.onClose(() -> call.cancel("The stream was closed", null));
	}

	@Override
	public boolean hasNext() {
		Event<R> event = event();
		if (event.status() == null) {
			return true;
		}
		if (!event.status().isOk()) {
			throw this.failures.apply(event.status().asRuntimeException(event.trailers()));
		}
		return false;
	}

	@Override
	public R next() {
		R response = hasNext() ? event().response() : null;
		if (response == null) {
			throw new NoSuchElementException("The call has no more responses");
		}
		this.next = null;
		return response;
	}

	/**
	 * Return the next event. The last one stays.
	 */
	private Event<R> event() {
		Event<R> next = this.next;
		if (next == null) {
			this.call.request(1);
			next = await();
			this.next = next;
		}
		return next;
	}

	private Event<R> await() {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return this.events.take();
				}
				catch (InterruptedException ex) {
					interrupted = true;
					this.call.cancel("Thread interrupted", ex);
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	@Override
	public void onMessage(R message) {
		this.events.add(new Event<>(message, null, null));
	}

	@Override
	public void onClose(Status status, Metadata trailers) {
		this.events.add(new Event<>(null, status, trailers));
	}

	/**
	 * A response, or the end of the call.
	 */
	private record Event<R>(@Nullable R response, @Nullable Status status, @Nullable Metadata trailers) {
	}

}
