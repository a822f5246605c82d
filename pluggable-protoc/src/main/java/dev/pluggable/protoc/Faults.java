package dev.pluggable.protoc;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What is wrong in the files of a run. All faults are reported together.
 */
final class Faults {

	private final Set<String> faults = new LinkedHashSet<>();

	/**
	 * Note a fault.
	 * @param location the place in a file
	 * @param fault what is wrong and what to change
	 */
	void add(Location location, String fault) {
		this.faults.add(location + ": " + fault);
	}

	/**
	 * End the run if there are faults.
	 * @throws FaultException if so
	 */
	void check() {
		if (!this.faults.isEmpty()) {
			throw new FaultException(String.join("\n", this.faults));
		}
	}

	/**
	 * Ends a run because of faults in its files.
	 */
	@SuppressWarnings("serial")
	static final class FaultException extends RuntimeException {

		FaultException(String message) {
			super(message);
		}

	}

}
