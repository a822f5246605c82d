package dev.pluggable.state;

/**
 * Names of the features that a state store can have. A component may list others, which
 * mean nothing here.
 *
 * @see StateStore#features()
 * @since 0.1.0
 */
public final class StateFeatures {

	/**
	 * Values have etags, and changes can be made to depend on them.
	 */
	public static final String ETAG = "ETAG";

	/**
	 * Several changes can be made as one. Without it {@link StateStore#transact} is
	 * refused.
	 */
	public static final String TRANSACTIONAL = "TRANSACTIONAL";

	/**
	 * Values can be looked for by what they contain. Without it {@link StateStore#query}
	 * is refused.
	 */
	public static final String QUERY_API = "QUERY_API";

	/**
	 * Values can expire.
	 */
	public static final String TTL = "TTL";

	/**
	 * Requests can name a partition in their metadata ({@code partitionKey}).
	 */
	public static final String PARTITION_KEY = "PARTITION_KEY";

	private StateFeatures() {
	}

}
