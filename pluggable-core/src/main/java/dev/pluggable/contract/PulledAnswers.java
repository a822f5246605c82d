package dev.pluggable.contract;

import java.util.Iterator;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import dev.pluggable.PluggableException;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;

/**
 * The answers of a stream, pulled one by one.
 *
 * @param <R> answer
 */
final class PulledAnswers<R> implements Iterator<R> {

	private final Iterator<R> answers;

	private final Context.CancellableContext call;

	private PulledAnswers(Iterator<R> answers, Context.CancellableContext call) {
		this.answers = answers;
		this.call = call;
	}

	/**
	 * Create a stream of the answers.
	 * @param answers the answers
	 * @param call the context of the call, which the stream cancels when it is closed or
	 * has ended
	 */
	static <R> Stream<R> stream(Iterator<R> answers, Context.CancellableContext call) {
		return StreamSupport
			.stream(Spliterators.spliteratorUnknownSize(new PulledAnswers<>(answers, call),
					Spliterator.ORDERED | Spliterator.NONNULL), false)
			.onClose(() -> call.cancel(null));
	}

	@Override
	public boolean hasNext() {
		boolean next = read(this.answers::hasNext);
		if (!next) {
			this.call.cancel(null);
		}
		return next;
	}

	@Override
	public R next() {
		return read(this.answers::next);
	}

	private <V> V read(Supplier<V> read) {
		try {
			return read.get();
		}
		catch (StatusRuntimeException ex) {
			this.call.cancel(null);
			if (ex.getCause() instanceof PluggableException known) {
				known.setStackTrace(ex.getStackTrace());
				throw known;
			}
			throw ex;
		}
	}

}
