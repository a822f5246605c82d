package dev.pluggable.contract;

/**
 * Makes a request that hands over objects. It is called for each attempt anew, because
 * the ids belong to one process.
 *
 * @param <Q> request
 * @since 0.1.0
 */
@FunctionalInterface
public interface RequestFactory<Q> {

	/**
	 * Make the request.
	 * @param references turns objects into ids
	 * @return the request
	 */
	Q create(References references);

}
