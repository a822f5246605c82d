package dev.pluggable.spring.autoconfigure;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.pluggable.plugin.PluginSettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Generates the tables of {@code docs/properties.md} from the configuration metadata of
 * this module, and compares them with the page. {@code -Dpluggable.docs.update=true}
 * writes the page.
 */
class PropertiesDocumentTests {

	private static final Path PAGE = Path.of("..", "docs", "properties.md");

	private static final Path METADATA = Path.of("target", "classes", "META-INF");

	private static final String BEGIN = "<!-- generated from the configuration metadata -->\n";

	private static final Pattern MAP = Pattern.compile("java\\.util\\.Map<java\\.lang\\.String,(.+)>");

	/**
	 * Headings by the prefix of the property names below the heading, in the order of the
	 * page.
	 */
	private static final Map<String, String> SECTIONS = sections();

	private static Map<String, String> sections() {
		Map<String, String> sections = new LinkedHashMap<>();
		sections.put("pluggable.", "General");
		sections.put("pluggable.application.", "Application");
		sections.put("pluggable.discovery.", "Discovery");
		sections.put("pluggable.components.", "Components");
		sections.put("pluggable.defaults.", "Defaults of components");
		sections.put("pluggable.plugins.", "Plugins");
		sections.put("pluggable.security.", "Security");
		sections.put("pluggable.health.", "Health");
		sections.put("pluggable.transport.", "Transport");
		sections.put("pluggable.host.", "Host");
		sections.put("pluggable.server.", "Serving");
		sections.put("management.endpoint.pluggable.", "Actuator endpoint");
		sections.put("management.health.pluggable.", "Actuator health");
		return sections;
	}

	@Test
	void whenAPropertyIsInTheMetadataThenThePageListsIt() throws IOException {
		Map<String, Property> properties = properties();
		assertThat(properties).hasSizeGreaterThan(60)
			.containsKeys("pluggable.components.<name>.metadata-from.<key>.secret-store",
					"pluggable.components.<name>.metadata.<key>", "pluggable.plugins.<name>.restart.jitter");
		assertThat(properties).allSatisfy((name, property) -> assertThat(property.description()).endsWith("."));
		String page = Files.readString(PAGE);
		String expected = page.substring(0, page.indexOf(BEGIN) + BEGIN.length()) + tables(properties);
		if (Boolean.getBoolean("pluggable.docs.update")) {
			Files.writeString(PAGE, expected);
			return;
		}
		assertThat(page).as("docs/properties.md; -Dpluggable.docs.update=true writes it").isEqualTo(expected);
	}

	private static String tables(Map<String, Property> properties) {
		Map<String, List<Property>> sections = new LinkedHashMap<>();
		SECTIONS.keySet().forEach((prefix) -> sections.put(prefix, new ArrayList<>()));
		properties.values().forEach((property) -> sections.get(section(property.name())).add(property));
		StringBuilder text = new StringBuilder();
		sections.forEach((prefix, members) -> {
			assertThat(members).as(prefix).isNotEmpty();
			text.append("\n## ").append(SECTIONS.get(prefix)).append("\n\n");
			text.append("| property | type | default | meaning |\n|---|---|---|---|\n");
			members.forEach((property) -> text.append(property.row()));
		});
		return text.toString();
	}

	private static String section(String name) {
		return SECTIONS.keySet()
			.stream()
			.filter(name::startsWith)
			.max((one, other) -> Integer.compare(one.length(), other.length()))
			.orElseThrow(() -> new AssertionError("No section for " + name));
	}

	private static Map<String, Property> properties() throws IOException {
		Map<String, Property> properties = new TreeMap<>();
		Map<String, Object> defaults = pluginDefaults();
		read(METADATA.resolve("spring-configuration-metadata.json"), "", properties);
		properties.replaceAll((name, property) -> property.withDefault(defaultOf(property, properties, defaults)));
		return properties;
	}

	@SuppressWarnings("unchecked")
	private static void read(Path file, String prefix, Map<String, Property> properties) throws IOException {
		List<Map<String, Object>> list = (List<Map<String, Object>>) JsonParserFactory.getJsonParser()
			.parseMap(Files.readString(file))
			.get("properties");
		for (Map<String, Object> entry : list) {
			String name = prefix + entry.get("name");
			String type = (String) entry.get("type");
			Matcher map = MAP.matcher(type);
			Path nested = map.matches()
					? METADATA.resolve("spring/configuration-metadata").resolve(map.group(1) + ".json") : null;
			String key = name.endsWith("metadata-from") ? ".<key>" : ".<name>";
			if (nested != null && Files.exists(nested)) {
				read(nested, name + key + ".", properties);
				continue;
			}
			String listed = map.matches() ? name + ".<key>" : name;
			String description = (String) entry.get("description");
			assertThat(description).as(name).isNotBlank();
			properties.put(listed,
					new Property(listed, map.matches() ? "text" : type(type), entry.get("defaultValue"), description));
		}
	}

	private static String type(String type) {
		Matcher generic = Pattern.compile("java\\.util\\.(?:List|Set)<(.+)>").matcher(type);
		if (generic.matches()) {
			return "list of " + type(generic.group(1));
		}
		Class<?> resolved = ClassUtils.resolveClassName(type, null);
		if (resolved.isEnum()) {
			return Arrays.stream(resolved.getEnumConstants())
				.map((constant) -> "`" + written((Enum<?>) constant) + "`")
				.collect(Collectors.joining(", "));
		}
		return switch (resolved.getSimpleName()) {
			case "String" -> "text";
			case "Integer", "Long", "Double" -> "number";
			case "Boolean" -> "boolean";
			case "Duration" -> "duration";
			case "DataSize" -> "size";
			default -> throw new AssertionError("No word for " + type);
		};
	}

	private static String written(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	/**
	 * Return the default of a property. The metadata has no defaults for single
	 * components, which use the common defaults. The metadata has no defaults for plugins
	 * either, which use the defaults of {@link PluginSettings}.
	 */
	private static @Nullable Object defaultOf(Property property, Map<String, Property> all,
			Map<String, Object> plugins) {
		if (property.defaultValue() != null) {
			return property.defaultValue();
		}
		String component = "pluggable.components.<name>.";
		if (property.name().startsWith(component)) {
			String common = "pluggable.defaults." + property.name().substring(component.length());
			return all.containsKey(common) ? common : null;
		}
		String plugin = "pluggable.plugins.<name>.";
		return property.name().startsWith(plugin) ? plugins.get(property.name().substring(plugin.length())) : null;
	}

	private static Map<String, Object> pluginDefaults() {
		Map<String, Object> defaults = new TreeMap<>();
		addDefaults("", PluginSettings.of("name", List.of("command")), defaults);
		defaults.remove("command");
		defaults.computeIfPresent("max-inbound-message-size",
				(name, bytes) -> DataSize.ofBytes((Integer) bytes).toMegabytes() + "MB");
		return defaults;
	}

	private static void addDefaults(String prefix, Record settings, Map<String, Object> defaults) {
		for (RecordComponent component : settings.getClass().getRecordComponents()) {
			Object value = ReflectionUtils.invokeMethod(component.getAccessor(), settings);
			String name = prefix + DataObjectPropertyName.toDashedForm(component.getName());
			if (value instanceof Record nested) {
				addDefaults(name + ".", nested, defaults);
			}
			else if (value != null && !"".equals(value) && !Map.of().equals(value)) {
				defaults.put(name, value);
			}
		}
	}

	/**
	 * A row of a table.
	 *
	 * @param name the full name
	 * @param type a word for the type
	 * @param defaultValue the default, {@code null} for none
	 * @param description the description
	 */
	private record Property(String name, String type, @Nullable Object defaultValue, String description) {

		Property withDefault(@Nullable Object value) {
			return new Property(this.name, this.type, value, this.description);
		}

		String row() {
			String value = (this.defaultValue != null) ? "`" + text(this.defaultValue) + "`" : "";
			return "| `" + this.name + "` | " + this.type + " | " + value + " | " + this.description.replace("|", "\\|")
					+ " |\n";
		}

		private static String text(Object value) {
			if (value instanceof Duration duration) {
				return (duration.toMillis() % 1000 == 0) ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
			}
			if (value instanceof Enum<?> constant) {
				return written(constant);
			}
			if (value instanceof Collection<?> values) {
				return values.stream()
					.map(String::valueOf)
					.collect(Collectors.toCollection(TreeSet::new))
					.stream()
					.collect(Collectors.joining(", "));
			}
			return String.valueOf(value);
		}

	}

}
