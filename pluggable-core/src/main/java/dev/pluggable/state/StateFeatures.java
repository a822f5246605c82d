package dev.pluggable.state;

/**
 * Names of features that a state store can have. A store may have further features, which
 * this product does not use.
 *
 * @see StateStore#features()
 * @since 0.1.0
 */
public final class StateFeatures {

	/**
	 * Values have etags, on which changes can depend.
	 */
	public static final String ETAG = "ETAG";

	/**
	 * The store carries out several changes as one. Without this feature, the proxy
	 * refuses {@link StateStore#transact}.
	 */
	public static final String TRANSACTIONAL = "TRANSACTIONAL";

	/**
	 * The store finds values by their contents. Without this feature, the proxy refuses
	 * {@link StateStore#query}.
	 */
	public static final String QUERY_API = "QUERY_API";

	/**
	 * Values can expire.
	 */
	public static final String TTL = "TTL";

	/**
	 * The metadata {@code partitionKey} of a request can name a partition.
	 */
	public static final String PARTITION_KEY = "PARTITION_KEY";

	private StateFeatures() {
	}

}
