package dev.pluggable.plugin;

import java.util.Map;
import java.util.Set;

/**
 * Environment of a plugin's process. A process gets only the listed variables of the
 * application. Immutable.
 *
 * @param inherit names of variables that the process inherits from the application;
 * {@code *} stands for all variables except {@code TMPDIR} and the variables of the
 * protocols
 * @param variables further variables by name; they override all variables that the
 * application sets by default, such as {@code TMPDIR}, and may be secret
 * @since 0.1.0
 */
public record EnvironmentSettings(Set<String> inherit, Map<String, String> variables) {

	/**
	 * Variables that a process inherits by default.
	 */
	public static final Set<String> DEFAULT_INHERIT = Set.of("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ");

	/**
	 * Create settings from copies of the collections.
	 */
	public EnvironmentSettings {
		inherit = Set.copyOf(inherit);
		variables = Map.copyOf(variables);
	}

	/**
	 * Settings that inherit {@link #DEFAULT_INHERIT} and add no variable.
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
