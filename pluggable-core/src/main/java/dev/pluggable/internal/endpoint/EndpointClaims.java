package dev.pluggable.internal.endpoint;

import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a host, as one {@link EndpointSource} sees them. Names differ if they
 * differ in more than upper and lower case. Methods belong to the host's thread, or to
 * the thread that creates the host.
 */
public interface EndpointClaims {

	/**
	 * Claim an endpoint that the source drives by itself.
	 * @param name name of the endpoint
	 * @return the endpoint, {@code null} if another source has claimed the name; a
	 * warning is logged then
	 */
	@Nullable Endpoint claim(String name);

	/**
	 * Claim an endpoint, unless the source has claimed it already, and connect it to a
	 * process. If another source has claimed the name, a warning is logged and nothing
	 * else happens.
	 * @param name name of the endpoint
	 * @param target where the process can be reached
	 */
	void offer(String name, EndpointTarget target);

	/**
	 * Give up the claim on an endpoint, if the source has one. The host keeps an endpoint
	 * on which components depend, and forgets any other.
	 * @param name name of the endpoint
	 */
	void withdraw(String name);

}
