package dev.pluggable.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import dev.pluggable.Draining;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the instances of factories after their last use. A factory may return one object
 * for several names or kinds, so the owner counts the uses of each object.
 */
final class InstanceOwner {

	private static final Logger logger = LoggerFactory.getLogger(InstanceOwner.class);

	private final Map<Object, Integer> uses = new IdentityHashMap<>();

	private final boolean closing;

	InstanceOwner() {
		this(true);
	}

	private InstanceOwner(boolean closing) {
		this.closing = closing;
	}

	/**
	 * An owner of instances that the caller of the server closes.
	 */
	static InstanceOwner ofBorrowed() {
		return new InstanceOwner(false);
	}

	synchronized void retain(Object instance) {
		this.uses.merge(instance, 1, Integer::sum);
	}

	void release(Object instance) {
		if (isLastUse(instance) && this.closing && instance instanceof AutoCloseable closeable) {
			close(closeable);
		}
	}

	/**
	 * Drain all instances in use that are {@link Draining}. Does not block.
	 * @param grace how long the work of an instance may go on
	 * @return completes, never with an exception, when all instances are drained
	 */
	CompletableFuture<?> drain(Duration grace) {
		return CompletableFuture
			.allOf(drainable().stream().map((instance) -> drain(instance, grace)).toArray(CompletableFuture<?>[]::new));
	}

	private synchronized List<Draining> drainable() {
		List<Draining> drainable = new ArrayList<>();
		for (Object instance : this.uses.keySet()) {
			if (instance instanceof Draining draining) {
				drainable.add(draining);
			}
		}
		return drainable;
	}

	private static CompletableFuture<?> drain(Draining instance, Duration grace) {
		try {
			return instance.drain(grace).toCompletableFuture().handle((drained, failure) -> report(instance, failure));
		}
		catch (RuntimeException ex) {
			return CompletableFuture.completedFuture(report(instance, ex));
		}
	}

	private static @Nullable Void report(Object instance, @Nullable Throwable failure) {
		if (failure != null) {
			logger.warn("Draining an instance of {} failed", instance.getClass().getName(), failure);
		}
		return null;
	}

	private synchronized boolean isLastUse(Object instance) {
		return this.uses.computeIfPresent(instance, (key, count) -> (count > 1) ? count - 1 : null) == null;
	}

	private static void close(AutoCloseable instance) {
		try {
			instance.close();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (Exception ex) {
			logger.warn("Closing an instance of {} failed", instance.getClass().getName(), ex);
		}
	}

}
