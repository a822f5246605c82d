package dev.pluggable.spring.listener;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.BiFunction;

import org.jspecify.annotations.Nullable;

/**
 * Results of listener methods that may come later.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class AsyncResults {

	private AsyncResults() {
	}

	/**
	 * Follow a result, so that cancelling what is returned cancels the result.
	 * @param <R> what the result becomes
	 * @param result what a listener method returned
	 * @param function makes something of its value, or of what it failed with, which is
	 * unwrapped
	 * @return completes when the result does
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
	 * Wait for a result.
	 * @param <R> the result
	 * @param result the result
	 * @return its value
	 * @throws Exception what it failed with, unwrapped
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
