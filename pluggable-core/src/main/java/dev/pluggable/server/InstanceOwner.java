package dev.pluggable.server;

import java.util.IdentityHashMap;
import java.util.Map;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what the factories made, once nobody uses it. Uses are counted, since a factory
 * may hand out one object under several names, or one object for several kinds.
 */
final class InstanceOwner {

	private static final Logger logger = LoggerFactory.getLogger(InstanceOwner.class);

	private final Map<Object, Integer> uses = new IdentityHashMap<>();

	synchronized void retain(Object instance) {
		this.uses.merge(instance, 1, Integer::sum);
	}

	void release(Object instance) {
		if (isLastUse(instance) && instance instanceof AutoCloseable closeable) {
			close(closeable);
		}
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
