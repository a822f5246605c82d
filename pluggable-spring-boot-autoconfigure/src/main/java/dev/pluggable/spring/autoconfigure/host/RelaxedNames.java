package dev.pluggable.spring.autoconfigure.host;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class RelaxedNames {

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
	public static <V> Map<String, V> merge(String prefix, Map<String, V> entries, Environment environment) {
		return merge(prefix, entries, environment, true);
	}

	/**
	 * Remove keys that stand for another key. Unlike names, keys that differ only in
	 * dashes, dots and case may stand side by side.
	 * @param <V> type of the values
	 * @param prefix prefix of the properties, without the key
	 * @param entries the entries by key
	 * @param environment the environment that contains the properties
	 * @return the remaining entries, in the same order
	 */
	public static <V> Map<String, V> mergeKeys(String prefix, Map<String, V> entries, Environment environment) {
		return merge(prefix, entries, environment, false);
	}

	/**
	 * Return environment variables of a process. A variable that only an environment
	 * variable of the application sets has a name in upper case with underscores.
	 * @param prefix prefix of the properties, without the name of the variable
	 * @param entries the values by name
	 * @param environment the environment that contains the properties
	 * @return the values, in the same order
	 */
	static Map<String, String> variables(String prefix, Map<String, String> entries, Environment environment) {
		if (entries.isEmpty()) {
			return entries;
		}
		Set<String> written = written(ConfigurationPropertyName.adapt(prefix, '.'), environment, true);
		Map<String, String> variables = new LinkedHashMap<>();
		mergeKeys(prefix, entries, environment).forEach(
				(name, value) -> variables.put(written.contains(name) || !name.equals(name.toLowerCase(Locale.ROOT))
						? name : name.toUpperCase(Locale.ROOT).replace('.', '_'), value));
		return variables;
	}

	private static <V> Map<String, V> merge(String prefix, Map<String, V> entries, Environment environment,
			boolean distinct) {
		Map<String, List<String>> alike = new LinkedHashMap<>();
		entries.keySet().forEach((name) -> alike.computeIfAbsent(uniform(name), (key) -> new ArrayList<>()).add(name));
		if (alike.size() == entries.size()) {
			return entries;
		}
		Set<String> written = written(ConfigurationPropertyName.adapt(prefix, '.'), environment, !distinct);
		Map<String, V> merged = new LinkedHashMap<>(entries);
		alike.values().stream().filter((names) -> names.size() > 1).forEach((names) -> {
			List<String> kept = names.stream().filter(written::contains).toList();
			if (kept.size() > 1 && !distinct) {
				merged.keySet().removeIf((name) -> names.contains(name) && !kept.contains(name));
				return;
			}
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
	public static <V> @Nullable String find(Map<String, V> entries, String name) {
		if (entries.containsKey(name)) {
			return name;
		}
		// Only a name in the form of an environment variable stands for another name.
		String uniform = uniform(name);
		return entries.containsKey(uniform) ? uniform : null;
	}

	/**
	 * Put entries over others. An entry whose key has the form of an environment variable
	 * replaces the entry that the key stands for.
	 * @param <V> type of the values
	 * @param entries the entries by key
	 * @param over the entries that win
	 * @return all entries
	 */
	public static <V> Map<String, V> override(Map<String, V> entries, Map<String, V> over) {
		Map<String, V> all = new LinkedHashMap<>(entries);
		over.forEach((key, value) -> all.put(keyOf(entries, key), value));
		return all;
	}

	/**
	 * Remove entries, also those that a key stands for.
	 * @param entries the entries by key
	 * @param keys the keys
	 */
	public static void removeAll(Map<String, ?> entries, Set<String> keys) {
		keys.forEach((key) -> entries.remove(keyOf(entries, key)));
	}

	/**
	 * Return the key that a key stands for. Only a key in lower case without dashes can
	 * come from an environment variable, whose underscores become dots.
	 */
	private static String keyOf(Map<String, ?> entries, String key) {
		if (entries.containsKey(key) || !key.replace(".", "").equals(uniform(key))) {
			return key;
		}
		return entries.keySet().stream().filter((other) -> uniform(other).equals(uniform(key))).findFirst().orElse(key);
	}

	private static String uniform(String name) {
		return name.toLowerCase(Locale.ROOT).replaceAll("[-_.]", "");
	}

	/**
	 * Return the names that sources other than environment variables contain.
	 * @param whole whether a name may have several elements
	 */
	private static Set<String> written(ConfigurationPropertyName prefix, Environment environment, boolean whole) {
		Set<String> names = new TreeSet<>();
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
			if (source instanceof IterableConfigurationPropertySource iterable
					&& !(source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource)) {
				iterable.stream()
					.filter((name) -> prefix.isAncestorOf(name))
					.forEach((name) -> names
						.add(elements(name, prefix.getNumberOfElements(), whole ? name.getNumberOfElements() : 1)));
			}
		}
		return names;
	}

	private static String elements(ConfigurationPropertyName name, int first, int most) {
		return IntStream.range(first, Math.min(first + most, name.getNumberOfElements()))
			.mapToObj((index) -> name.getElement(index, ConfigurationPropertyName.Form.ORIGINAL))
			.collect(Collectors.joining("."));
	}

}
