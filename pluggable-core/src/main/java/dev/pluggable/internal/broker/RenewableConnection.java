package dev.pluggable.internal.broker;

/**
 * A connection that connects again to the same process when the server has announced the
 * end of the connection before (GOAWAY).
 */
public interface RenewableConnection {

	/**
	 * Listen to each further connection. Calls under way stay on the connection before.
	 * @param listener runs on a thread that it must not block; replaces the listener
	 * before
	 */
	void onRenewed(Runnable listener);

}
