package dev.pluggable.spring.listener;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.BiFunction;

import org.jspecify.annotations.Nullable;

/**
 * Follows and awaits the asynchronous results of listener methods.
 * <p>
 * Other packages of this module use this class. It is not API.
 *
 * @since 0.1.0
 */
public final class AsyncResults {

	private AsyncResults() {
	}

	/**
	 * Transform a result when it completes. Cancelling the returned stage cancels the
	 * result.
	 * @param <R> type of the transformed result
	 * @param result the stage that a listener method returned
	 * @param function transforms the value or the failure of the result. The failure is
	 * not wrapped in a {@code CompletionException}
	 * @return a stage with the transformed result
	 */
	public static <R extends @Nullable Object> CompletionStage<R> follow(CompletionStage<?> result,
			BiFunction<@Nullable Object, @Nullable Throwable, CompletionStage<R>> function) {
		CompletableFuture<R> followed = new CompletableFuture<>();
		result.whenComplete((value, failure) -> {
			try {
				function.apply(value, unwrap(failure)).whenComplete((made, problem) -> {
					if (problem != null) {
						followed.completeExceptionally(problem);
					}
					else {
						followed.complete(made);
					}
				});
			}
			catch (RuntimeException ex) {
				followed.completeExceptionally(ex);
			}
		});
		followed.whenComplete((value, failure) -> {
			if (followed.isCancelled()) {
				result.toCompletableFuture().cancel(true);
			}
		});
		return followed;
	}

	/**
	 * Wait for a result. An interrupt cancels the result.
	 * @param <R> type of the result
	 * @param result the result
	 * @return the value of the result
	 * @throws Exception the failure of the result, not wrapped in an
	 * {@code ExecutionException}
	 */
	public static <R extends @Nullable Object> R await(CompletionStage<R> result) throws Exception {
		CompletableFuture<R> future = result.toCompletableFuture();
		try {
			return future.get();
		}
		catch (InterruptedException ex) {
			future.cancel(true);
			throw ex;
		}
		catch (ExecutionException ex) {
			if (unwrap(ex) instanceof Exception exception) {
				throw exception;
			}
			throw ex;
		}
	}

	private static @Nullable Throwable unwrap(@Nullable Throwable failure) {
		Throwable unwrapped = failure;
		while ((unwrapped instanceof CompletionException || unwrapped instanceof ExecutionException)
				&& unwrapped.getCause() != null) {
			unwrapped = unwrapped.getCause();
		}
		return unwrapped;
	}

}
