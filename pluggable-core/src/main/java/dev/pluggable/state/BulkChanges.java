package dev.pluggable.state;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import dev.pluggable.ComponentException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;

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
	 * failed and has the class of the first failure; empty if all changes were made
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
