package dev.pluggable.plugin;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * Parameters of the go-plugin handshake, equal on both sides. The cookie is no secret: a
 * program without its cookie refuses to run as a plugin. Immutable.
 *
 * @param cookieKey name of the environment variable with the cookie, empty for no cookie
 * @param cookieValue value of the cookie
 * @param protocolVersions versions of the application's protocol that the host supports;
 * never empty; {@code 0} is a valid version
 * @since 0.1.0
 */
public record HandshakeSettings(String cookieKey, String cookieValue, Set<Integer> protocolVersions) {

	/**
	 * Create settings.
	 * @throws IllegalArgumentException if {@code protocolVersions} is empty or contains a
	 * negative version
	 */
	public HandshakeSettings {
		if (protocolVersions.isEmpty() || protocolVersions.stream().anyMatch((version) -> version < 0)) {
			throw new IllegalArgumentException(
					"'protocolVersions' must contain at least one version and no negative version");
		}
		protocolVersions = Collections.unmodifiableSet(new TreeSet<>(protocolVersions));
	}

	/**
	 * Settings without a cookie, with version 1.
	 * @return the settings
	 */
	public static HandshakeSettings defaults() {
		return new HandshakeSettings("", "", Set.of(1));
	}

}
