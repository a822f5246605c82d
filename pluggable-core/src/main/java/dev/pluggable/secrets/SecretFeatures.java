package dev.pluggable.secrets;

/**
 * Names of features that Dapr defines for secret stores. A store may have further
 * features.
 *
 * @since 0.1.0
 */
public final class SecretFeatures {

	/**
	 * A secret can have several values, which have keys.
	 */
	public static final String MULTIPLE_KEY_VALUES_PER_SECRET = "MULTIPLE_KEY_VALUES_PER_SECRET";

	private SecretFeatures() {
	}

}
