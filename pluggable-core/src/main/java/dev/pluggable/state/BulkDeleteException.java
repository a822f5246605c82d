package dev.pluggable.state;

import dev.pluggable.CallFailure;

/**
 * A bulk deletion removed fewer keys than it was asked to. Thrown by an implementation of
 * {@link StateStore}, it reaches the caller in the other process as the same exception.
 *
 * @since 0.1.0
 */
public class BulkDeleteException extends StateException {

	private static final long serialVersionUID = 1L;

	private final long expected;

	private final long affected;

	/**
	 * Fewer keys were removed than were to be.
	 * @param expected how many were to be removed
	 * @param affected how many were removed
	 */
	public BulkDeleteException(long expected, long affected) {
		super("Deleted " + affected + " of " + expected + " keys", (Throwable) null);
		this.expected = expected;
		this.affected = affected;
	}

	BulkDeleteException(long expected, long affected, CallFailure failure) {
		super(failure.summary() + ": deleted " + affected + " of " + expected + " keys", failure);
		this.expected = expected;
		this.affected = affected;
	}

	/**
	 * How many keys were to be removed.
	 * @return the number
	 */
	public long getExpected() {
		return this.expected;
	}

	/**
	 * How many keys were removed.
	 * @return the number
	 */
	public long getAffected() {
		return this.affected;
	}

}
