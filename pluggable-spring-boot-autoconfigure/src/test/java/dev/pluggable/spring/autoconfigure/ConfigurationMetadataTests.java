package dev.pluggable.spring.autoconfigure;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import dev.pluggable.spring.autoconfigure.host.PluggableProperties;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.transport.TransportType;
import dev.pluggable.spring.autoconfigure.server.PluggableServerProperties;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.util.ResourceUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the configuration metadata of the properties.
 */
class ConfigurationMetadataTests {

	/**
	 * Prefix of the Spring Boot properties for the actuator endpoint.
	 */
	private static final String ENDPOINT_PREFIX = "management.endpoint.pluggable";

	private static final Map<String, Map<String, Object>> properties = new TreeMap<>();

	@BeforeAll
	static void read() throws IOException {
		list("spring-configuration-metadata.json", "properties")
			.forEach((property) -> properties.put((String) property.get("name"), property));
	}

	@SuppressWarnings("unchecked")
	private static List<Map<String, Object>> list(String file, String key) throws IOException {
		Path classes = ResourceUtils
			.getFile(PluggableProperties.class.getProtectionDomain().getCodeSource().getLocation())
			.toPath();
		String json = Files.readString(classes.resolve("META-INF").resolve(file), StandardCharsets.UTF_8);
		return (List<Map<String, Object>>) JsonParserFactory.getJsonParser().parseMap(json).get(key);
	}

	@Test
	void whenAPropertyIsListedThenItIsDescribedAndTyped() {
		assertThat(properties).isNotEmpty().allSatisfy((name, property) -> {
			assertThat(property.get("description")).asString().isNotBlank().matches("(?s)[A-Z].*\\.");
			assertThat(property.get("type")).asString().isNotBlank();
		});
	}

	@Test
	void whenAPropertyIsListedThenItHasOurPrefix() {
		ConfigurationPropertyName prefix = ConfigurationPropertyName.of("pluggable");
		assertThat(properties.keySet())
			.filteredOn((name) -> !name.startsWith(ENDPOINT_PREFIX + ".")
					&& !name.equals("management.health.pluggable.enabled"))
			.isNotEmpty()
			.allMatch((name) -> prefix.isAncestorOf(ConfigurationPropertyName.of(name)));
	}

	@Test
	void whenTheArchitectureNamesAPropertyThenItIsListedWithItsDefault() {
		assertDefault("pluggable.discovery.reconcile-interval", "1s");
		assertDefault("pluggable.discovery.probe-timeout", "5s");
		assertDefault("pluggable.startup-timeout", "30s");
		assertDefault("pluggable.discovery.publish-undeclared", true);
		assertDefault("pluggable.discovery.publish-unknown-services", true);
		assertDefault("pluggable.defaults.call-timeout", "5s");
		assertDefault("pluggable.defaults.init-timeout", "5s");
		assertDefault("pluggable.defaults.wait-for-ready", "0s");
		assertDefault("pluggable.defaults.outage-grace", "2s");
		assertDefault("pluggable.drain-timeout", "10m");
		assertDefault("pluggable.defaults.max-inbound-message-size", "4MB");
		assertDefault("pluggable.health.probe-interval", "10s");
		assertDefault("pluggable.health.probe-timeout", "1s");
		assertDefault("pluggable.transport.type", "auto");
		assertDefault("management.health.pluggable.enabled", true);
		assertDefault("pluggable.server.permissions", "rw-------");
		assertDefault("pluggable.server.auto-startup", true);
		assertDefault("pluggable.server.shutdown-timeout", "10s");
		assertDefault("pluggable.server.max-inbound-message-size", "4MB");
		assertDefault("pluggable.server.threads", 64);
		assertDefault("pluggable.server.transport", "auto");
	}

	@Test
	void whenAPropertyHasADefaultThenItIsListed() {
		assertThat(properties).allSatisfy((name, property) -> assertThat(property.containsKey("defaultValue")).as(name)
			.isEqualTo(!List.of("pluggable.socket-folders", "pluggable.resources", "pluggable.application.id",
					"pluggable.application.namespace", "pluggable.components", "pluggable.security.allowed-uids",
					"pluggable.host.enabled", "pluggable.server.name", "pluggable.server.folder", "pluggable.plugins",
					"pluggable.plugin-directory", "pluggable.server.instances", "pluggable.endpoint.allowed-hosts")
				.contains(name)));
		assertThat(properties.get("pluggable.socket-folders").get("description")).asString()
			.contains("DAPR_COMPONENTS_SOCKETS_FOLDER", "DAPR_COMPONENT_SOCKETS_FOLDER",
					"LAYOTTO_COMPONENTS_SOCKETS_FOLDER", "/tmp/dapr-components-sockets");
	}

	@Test
	void whenAPropertyBelongsToAComponentAPluginOrAnInstanceThenItIsDescribed() throws IOException {
		for (Class<?> type : List.of(PluggableProperties.Component.class, PluggableProperties.MetadataFrom.class,
				PluggableProperties.Plugin.class, PluggableServerProperties.Instance.class)) {
			assertThat(list("spring/configuration-metadata/" + type.getName() + ".json", "properties")).isNotEmpty()
				.allSatisfy((property) -> {
					assertThat(property.get("description")).asString().matches("(?s)[A-Z].*\\.");
					assertThat(property.get("type")).asString().isNotBlank();
					assertThat(property.get("sourceType")).asString().startsWith("dev.pluggable.");
				});
		}
	}

	@Test
	void whenAClassBindsAPropertyThenThePropertyIsListed() throws IOException {
		for (Class<?> type : List.of(PluggableProperties.Component.class, PluggableProperties.MetadataFrom.class,
				PluggableProperties.Plugin.class, PluggableServerProperties.Instance.class)) {
			assertThat(list("spring/configuration-metadata/" + type.getName() + ".json", "properties"))
				.extracting((property) -> property.get("name"))
				.containsExactlyInAnyOrderElementsOf(bound(type, ""));
		}
		assertThat(properties.keySet()).containsAll(bound(PluggableProperties.class, "pluggable."))
			.containsAll(bound(PluggableServerProperties.class, "pluggable.server."));
	}

	/**
	 * Return the names of the properties that are bound to a record and the records in
	 * it.
	 */
	private static List<String> bound(Class<?> type, String prefix) {
		List<String> names = new ArrayList<>();
		for (RecordComponent component : type.getRecordComponents()) {
			String name = prefix + DataObjectPropertyName.toDashedForm(component.getName());
			if (component.getType().isRecord()) {
				names.addAll(bound(component.getType(), name + "."));
			}
			else {
				names.add(name);
			}
		}
		return names;
	}

	@Test
	void whenAPropertyHasAFewValuesThenThereAreHints() throws IOException {
		Map<String, List<String>> hints = new TreeMap<>();
		list("spring-configuration-metadata.json", "hints").forEach((hint) -> {
			List<String> values = new ArrayList<>();
			for (Object value : (List<?>) hint.get("values")) {
				assertThat(((Map<?, ?>) value).get("description")).asString().endsWith(".");
				values.add((String) ((Map<?, ?>) value).get("value"));
			}
			hints.put((String) hint.get("name"), values);
		});
		assertThat(hints.get("pluggable.transport.type"))
			.containsExactlyInAnyOrderElementsOf(names(TransportType.class));
		assertThat(hints.get("pluggable.server.transport"))
			.containsExactlyInAnyOrderElementsOf(names(TransportType.class));
		assertThat(hints.get("pluggable.plugins.*.restart.policy"))
			.containsExactlyInAnyOrderElementsOf(names(RestartSettings.Policy.class));
		assertThat(hints.get("pluggable.plugins.*.restart.mode"))
			.containsExactlyInAnyOrderElementsOf(names(RestartSettings.Mode.class));
		assertThat(hints.get("pluggable.plugins.*.protocol"))
			.containsExactlyInAnyOrderElementsOf(names(PluginProtocol.class));
		assertThat(hints.get("pluggable.plugins.*.reattach.network")).containsExactlyInAnyOrder("unix", "tcp");
		List<String> types = new ArrayList<>(List.of("bindings.cron", "bindings.http"));
		ComponentHost.builtInKinds()
			.forEach((kind) -> kind.builtIns().keySet().forEach((name) -> types.add(kind.typePrefix() + "." + name)));
		// The names with 'local' are other names of the same implementations.
		types.removeIf((type) -> type.contains(".local."));
		assertThat(hints.get("pluggable.components.*.type")).containsExactlyInAnyOrderElementsOf(types);
	}

	private static <E extends Enum<E>> List<String> names(Class<E> type) {
		return Arrays.stream(type.getEnumConstants())
			.map((constant) -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
			.toList();
	}

	@Test
	void whenAComponentIsDeclaredThenTheArchitectureNamesItsSettings() {
		assertThat(properties.get("pluggable.components").get("type")).asString()
			.endsWith(PluggableProperties.Component.class.getName() + ">");
		assertThat(Arrays.stream(PluggableProperties.Component.class.getRecordComponents())
			.map((component) -> component.getName())).containsExactlyInAnyOrder("type", "required", "metadata",
					"metadataFrom", "services", "callTimeout", "initTimeout", "waitForReady", "outageGrace",
					"maxInboundMessageSize");
	}

	private static void assertDefault(String name, Object value) {
		assertThat(properties).containsKey(name);
		assertThat(properties.get(name).get("defaultValue")).as(name).isEqualTo(value);
	}

}
