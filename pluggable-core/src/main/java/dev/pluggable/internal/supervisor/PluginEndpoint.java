package dev.pluggable.internal.supervisor;

import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.internal.endpoint.EndpointTarget;
import org.jspecify.annotations.Nullable;

/**
 * The endpoint of one plugin, as the plugin's state machine sees it. All methods belong
 * to the host's thread.
 */
interface PluginEndpoint {

	/**
	 * The user wants a process.
	 */
	void start();

	/**
	 * The user wants no process: close connections after the calls in flight.
	 * @param reason reason for the status
	 */
	void stop(String reason);

	/**
	 * A process is being started.
	 * @param what what it has not done yet
	 */
	void waitFor(String what);

	/**
	 * A process listens: connect to it.
	 * @param target the process
	 */
	void connect(EndpointTarget target);

	/**
	 * Another process listens while the components use an earlier one: connect to it, and
	 * let all components stay on the earlier process until {@link #handOver}.
	 * @param target the process
	 */
	void prepare(EndpointTarget target);

	/**
	 * The process is the one to use: move all components to it.
	 */
	void handOver();

	/**
	 * The process cannot be used: close connections after the calls in flight.
	 * @param reason reason for the status
	 */
	void abandon(String reason);

	/**
	 * The process has ended, and another one follows.
	 * @param reason reason for the status
	 */
	void awaitProcess(String reason);

	/**
	 * The process has ended, and no other one follows.
	 * @param reason reason for the status
	 */
	void fail(String reason);

	/**
	 * Move all components back to an earlier process, whose connection is still open.
	 * @param target the earlier process
	 */
	void revert(EndpointTarget target);

	/**
	 * Whether the endpoint knows the services of a process and the outcome of each
	 * {@code Init}.
	 * @param target the process
	 */
	boolean isSettledOn(EndpointTarget target);

	/**
	 * Whether a process can take over all components that need a process.
	 * @param target the process
	 */
	boolean isReadyOn(EndpointTarget target);

	/**
	 * Whether a connection to a process is open, even if only for calls in flight.
	 * @param target the process
	 */
	boolean isConnectedTo(EndpointTarget target);

	/**
	 * The failure of the last attempt to connect to the process.
	 * @return the failure, {@code null} if no attempt has failed
	 */
	@Nullable String problem();

	/**
	 * Whether the process offers no reflection, and no declaration tells its services.
	 */
	boolean needsDeclaration();

	/**
	 * Status of the endpoint.
	 */
	EndpointStatus status();

}
