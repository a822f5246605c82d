package dev.pluggable.secrets;

/**
 * Names of the features that Dapr knows of secret stores. A store may have others.
 *
 * @since 0.1.0
 */
public final class SecretFeatures {

	/**
	 * A secret may have several values, each with a key.
	 */
	public static final String MULTIPLE_KEY_VALUES_PER_SECRET = "MULTIPLE_KEY_VALUES_PER_SECRET";

	private SecretFeatures() {
	}

}
