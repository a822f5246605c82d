package dev.pluggable.spring.autoconfigure.host;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Names in maps of properties. An environment variable cannot contain the dashes and the
 * upper-case letters of a name: {@code PLUGGABLE_COMPONENTS_ORDERSTORE_TYPE} stands for
 * the name {@code order-store}, too. The binder applies the value of the variable to
 * {@code order-store}, and adds an entry {@code orderstore}, which this class removes.
 */
final class RelaxedNames {

	private RelaxedNames() {
	}

	/**
	 * Remove entries that stand for another entry.
	 * @param <V> type of the values
	 * @param prefix prefix of the properties, without the name
	 * @param entries the entries by name
	 * @param environment the environment that contains the properties
	 * @return the remaining entries, in the same order
	 * @throws InvalidConfigurationPropertyValueException if two names differ only in
	 * dashes and case, and both are written somewhere else than in environment variables
	 */
	static <V> Map<String, V> merge(String prefix, Map<String, V> entries, Environment environment) {
		Map<String, List<String>> alike = new LinkedHashMap<>();
		entries.keySet().forEach((name) -> alike.computeIfAbsent(uniform(name), (key) -> new ArrayList<>()).add(name));
		if (alike.size() == entries.size()) {
			return entries;
		}
		Set<String> written = written(ConfigurationPropertyName.adapt(prefix, '.'), environment);
		Map<String, V> merged = new LinkedHashMap<>(entries);
		alike.values().stream().filter((names) -> names.size() > 1).forEach((names) -> {
			List<String> kept = names.stream().filter(written::contains).toList();
			if (kept.size() > 1) {
				throw new InvalidConfigurationPropertyValueException(prefix + "." + kept.get(1), null,
						"The names '" + kept.get(0) + "' and '" + kept.get(1)
								+ "' differ only in dashes, underscores and case. An environment variable could not "
								+ "tell them apart. Rename one of them.");
			}
			merged.keySet()
				.removeIf((name) -> names.contains(name) && !name.equals(kept.isEmpty() ? names.get(0) : kept.get(0)));
		});
		return merged;
	}

	/**
	 * Find an entry by a name that may be written in another way.
	 * @param <V> type of the values
	 * @param entries the entries by name
	 * @param name the name
	 * @return the name of the entry, {@code null} if there is none
	 */
	static <V> @Nullable String find(Map<String, V> entries, String name) {
		if (entries.containsKey(name)) {
			return name;
		}
		// Only a name in the form of an environment variable stands for another name.
		String uniform = uniform(name);
		return entries.containsKey(uniform) ? uniform : null;
	}

	private static String uniform(String name) {
		return name.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
	}

	/**
	 * Return the names that sources other than environment variables contain.
	 */
	private static Set<String> written(ConfigurationPropertyName prefix, Environment environment) {
		Set<String> names = new TreeSet<>();
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
			if (source instanceof IterableConfigurationPropertySource iterable
					&& !(source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource)) {
				iterable.stream()
					.filter((name) -> prefix.isAncestorOf(name))
					.forEach((name) -> names
						.add(name.getElement(prefix.getNumberOfElements(), ConfigurationPropertyName.Form.ORIGINAL)));
			}
		}
		return names;
	}

}
