package dev.pluggable.plugin;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * What go-plugin's two sides must agree on. The cookie is no secret: it tells a program
 * that it was started as a plugin.
 *
 * @param cookieKey name of the environment variable, empty for none
 * @param cookieValue its value
 * @param protocolVersions versions of the application's protocol that the host speaks,
 * never empty; {@code 0} is one, too
 * @since 0.1.0
 */
public record HandshakeSettings(String cookieKey, String cookieValue, Set<Integer> protocolVersions) {

	/**
	 * Create settings.
	 * @throws IllegalArgumentException if there is no version or a negative one
	 */
	public HandshakeSettings {
		if (protocolVersions.isEmpty() || protocolVersions.stream().anyMatch((version) -> version < 0)) {
			throw new IllegalArgumentException("'protocolVersions' must hold a version, and none below 0");
		}
		protocolVersions = Collections.unmodifiableSet(new TreeSet<>(protocolVersions));
	}

	/**
	 * No cookie, version 1.
	 * @return the settings
	 */
	public static HandshakeSettings defaults() {
		return new HandshakeSettings("", "", Set.of(1));
	}

}
