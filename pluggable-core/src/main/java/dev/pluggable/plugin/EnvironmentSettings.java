package dev.pluggable.plugin;

import java.util.Map;
import java.util.Set;

/**
 * Environment of a plugin's process: nothing of the application's own, but what is
 * listed.
 *
 * @param inherit names of variables that the process gets from the application; one name
 * may be {@code *}, for all
 * @param variables further variables by name, which win; may hold secrets
 * @since 0.1.0
 */
public record EnvironmentSettings(Set<String> inherit, Map<String, String> variables) {

	/**
	 * Variables that a process gets where nothing else is said.
	 */
	public static final Set<String> DEFAULT_INHERIT = Set.of("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ");

	public EnvironmentSettings {
		inherit = Set.copyOf(inherit);
		variables = Map.copyOf(variables);
	}

	/**
	 * {@link #DEFAULT_INHERIT} and nothing else.
	 * @return the settings
	 */
	public static EnvironmentSettings defaults() {
		return new EnvironmentSettings(DEFAULT_INHERIT, Map.of());
	}

	@Override
	public String toString() {
		return "EnvironmentSettings[inherit=" + this.inherit + ", variables=" + this.variables.keySet() + "]";
	}

}
