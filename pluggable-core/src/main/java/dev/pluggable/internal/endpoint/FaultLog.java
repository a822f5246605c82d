package dev.pluggable.internal.endpoint;

import java.util.HashSet;
import java.util.Set;

/**
 * Remembers which faults of one target were logged, so that each fault is logged once
 * even if several faults alternate. Belongs to the host's thread.
 */
final class FaultLog {

	private static final int MAX = 20;

	private final Set<String> logged = new HashSet<>();

	/**
	 * Tell whether a fault should be logged.
	 * @param fault the fault
	 * @return {@code true} the first time; {@code false} also after too many faults
	 */
	boolean isNew(String fault) {
		return this.logged.size() < MAX && this.logged.add(fault);
	}

	/**
	 * Forget all faults, because there is a new target.
	 */
	void clear() {
		this.logged.clear();
	}

}
