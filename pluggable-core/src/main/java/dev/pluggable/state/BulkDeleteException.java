package dev.pluggable.state;

import dev.pluggable.CallFailure;

/**
 * A bulk deletion has removed fewer keys than requested. An implementation of
 * {@link StateStore} in another process can throw this exception, which then reaches the
 * caller.
 *
 * @since 0.1.0
 */
public class BulkDeleteException extends StateException {

	private static final long serialVersionUID = 1L;

	private final long expected;

	private final long affected;

	/**
	 * Create an exception.
	 * @param expected number of keys to remove
	 * @param affected number of keys that were removed
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
	 * The number of keys to remove.
	 * @return the number
	 */
	public long getExpected() {
		return this.expected;
	}

	/**
	 * The number of keys that were removed.
	 * @return the number
	 */
	public long getAffected() {
		return this.affected;
	}

}
