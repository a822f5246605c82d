package dev.pluggable.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.pluggable.ComponentException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;

/**
 * Makes the changes of a bulk request, for implementations of {@link StateStore}. The
 * changes are independent of each other: a change that fails does not keep the others
 * from being made.
 *
 * @since 0.1.0
 */
public final class BulkChanges {

	private BulkChanges() {
	}

	/**
	 * Make each change, in order.
	 * @param <O> the change
	 * @param operations the changes
	 * @param change makes one change, or throws a {@link PluggableException} before it
	 * has changed anything
	 * @return the exception for the caller of the bulk request, which names the keys that
	 * failed; it has the class of the first failure if that is about an etag, an invalid
	 * request or an unsupported operation, else it is a {@link ComponentException}; empty
	 * if all changes were made
	 */
	public static <O extends StateOperation> Optional<PluggableException> apply(List<O> operations,
			Consumer<? super O> change) {
		Map<String, PluggableException> failures = new LinkedHashMap<>();
		for (O operation : operations) {
			try {
				change.accept(operation);
			}
			catch (PluggableException ex) {
				failures.putIfAbsent(operation.key(), ex);
			}
		}
		return failures.isEmpty() ? Optional.empty() : Optional.of(exception(failures, operations.size()));
	}

	/**
	 * Make each change with a method that knows nothing of bulk requests. Any exception
	 * is a failure of its change alone. The text of an exception that is none of this
	 * product's can hold a value, and is replaced by the name of its class.
	 * @throws PluggableException if a change failed
	 */
	static <O extends StateOperation> void each(List<O> operations, Consumer<? super O> change) {
		apply(operations, (operation) -> {
			try {
				change.accept(operation);
			}
			catch (PluggableException ex) {
				throw ex;
			}
			catch (RuntimeException ex) {
				throw new ComponentException(ex.getClass().getName(), ex);
			}
		}).ifPresent((failure) -> {
			throw failure;
		});
	}

	/**
	 * Make the changes that can be read from the items of a bulk request.
	 * @param items the items as the caller sent them
	 * @param key the key of an item, for the exception
	 * @param read makes a change of an item, or throws an {@link InvalidRequestException}
	 * @param change makes the changes
	 * @throws InvalidRequestException if an item cannot be read; the other changes were
	 * tried
	 */
	static <I, O extends StateOperation> void readable(List<I> items, Function<I, String> key, Function<I, O> read,
			Consumer<List<O>> change) {
		List<O> operations = new ArrayList<>(items.size());
		Map<String, PluggableException> unreadable = new LinkedHashMap<>();
		for (I item : items) {
			try {
				operations.add(read.apply(item));
			}
			catch (InvalidRequestException ex) {
				unreadable.putIfAbsent(key.apply(item), ex);
			}
		}
		PluggableException failure = null;
		if (!operations.isEmpty() || unreadable.isEmpty()) {
			try {
				change.accept(operations);
			}
			catch (PluggableException ex) {
				if (unreadable.isEmpty()) {
					throw ex;
				}
				failure = ex;
			}
		}
		if (!unreadable.isEmpty()) {
			PluggableException invalid = exception(unreadable, items.size());
			if (failure == null) {
				throw invalid;
			}
			InvalidRequestException both = new InvalidRequestException(
					invalid.getMessage() + "; of the others: " + failure.getMessage());
			both.addSuppressed(failure);
			throw both;
		}
	}

	private static PluggableException exception(Map<String, PluggableException> failures, int all) {
		PluggableException first = failures.values().iterator().next();
		String keys = failures.keySet().stream().map((key) -> "'" + key + "'").collect(Collectors.joining(", "));
		String message = failures.size() + " of " + all + " changes failed, for the "
				+ ((failures.size() > 1) ? "keys " : "key ") + keys + ": " + first.getMessage();
		PluggableException exception;
		if (first instanceof EtagMismatchException) {
			exception = new EtagMismatchException(message);
		}
		else if (first instanceof EtagInvalidException) {
			exception = new EtagInvalidException(message);
		}
		else if (first instanceof InvalidRequestException) {
			exception = new InvalidRequestException(message);
		}
		else if (first instanceof UnsupportedOperationByComponentException) {
			exception = new UnsupportedOperationByComponentException(message);
		}
		else {
			exception = new ComponentException(message, first);
		}
		failures.values().forEach((failure) -> {
			if (failure != exception.getCause()) {
				exception.addSuppressed(failure);
			}
		});
		return exception;
	}

}
