package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.host.SecretReference;
import dev.pluggable.spring.host.ComponentDeclarationSource;
import dev.pluggable.spring.host.InvalidSocketFolderException;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;

/**
 * Converts properties to the settings of a host, and rejects invalid properties.
 */
final class PropertiesHostSettings {

	private static final String COMPONENTS = "pluggable.components";

	private final PluggableProperties properties;

	private final Environment environment;

	private final List<ComponentDeclarationSource> sources;

	private final @Nullable SslBundles bundles;

	/**
	 * Create a converter.
	 * @param bundles the SSL bundles of the application, {@code null} if there are none
	 */
	PropertiesHostSettings(PluggableProperties properties, Environment environment,
			List<ComponentDeclarationSource> sources, @Nullable SslBundles bundles) {
		this.bundles = bundles;
		this.properties = properties;
		this.environment = environment;
		this.sources = List.copyOf(sources);
	}

	HostSettings get() {
		PluggableProperties.Discovery discovery = this.properties.discovery();
		PluggableProperties.Health health = this.properties.health();
		requirePositive("pluggable.discovery.reconcile-interval", discovery.reconcileInterval());
		requirePositive("pluggable.discovery.probe-timeout", discovery.probeTimeout());
		requireNotNegative("pluggable.discovery.initial-wait", discovery.initialWait());
		requireNotNegative("pluggable.startup-timeout", this.properties.startupTimeout());
		requireNotNegative("pluggable.discovery.gone-after", discovery.goneAfter());
		requirePositive("pluggable.health.probe-interval", health.probeInterval());
		requirePositive("pluggable.health.probe-timeout", health.probeTimeout());
		requirePositive("pluggable.drain-timeout", this.properties.drainTimeout());
		ComponentSettings defaults = defaults();
		ApplicationIdentity application = application();
		PropertiesPluginSettings plugins = new PropertiesPluginSettings(this.properties, this.environment,
				this.bundles);
		return new HostSettings(folders(), declarations(defaults, application), defaults, discovery.publishUndeclared(),
				discovery.publishUnknownServices(), discovery.reconcileInterval(), discovery.goneAfter(),
				new EndpointSettings(discovery.probeTimeout(), health.probeInterval(), health.probeTimeout(),
						this.properties.drainTimeout()),
				this.properties.transport().type(), this.properties.security().allowedUids(),
				this.properties.security().allowUntrustedFolders(),
				bytes("pluggable.transport.max-inbound-metadata-size",
						this.properties.transport().maxInboundMetadataSize()),
				application, plugins.settings(), pluginSecrets(), plugins.directory());
	}

	/**
	 * Return the components that the properties of an environment and sources declare.
	 */
	static List<ComponentDeclaration> declarations(Environment environment, List<ComponentDeclarationSource> sources) {
		PluggableProperties properties = Binder.get(environment).bindOrCreate("pluggable", PluggableProperties.class);
		PropertiesHostSettings settings = new PropertiesHostSettings(properties, environment, sources, null);
		return settings.declarations(settings.defaults(), settings.application());
	}

	private ComponentSettings defaults() {
		PluggableProperties.Defaults defaults = this.properties.defaults();
		return settings("pluggable.defaults", defaults.callTimeout(), defaults.initTimeout(), defaults.waitForReady(),
				defaults.outageGrace(), defaults.maxInboundMessageSize());
	}

	private ApplicationIdentity application() {
		PluggableProperties.Application application = this.properties.application();
		String id = (application.id() != null) ? application.id()
				: this.environment.getProperty("spring.application.name", "");
		String namespace = (application.namespace() != null) ? application.namespace()
				: this.environment.getProperty("NAMESPACE", this.environment.getProperty("POD_NAMESPACE", ""));
		return new ApplicationIdentity(id.trim(), namespace.trim());
	}

	private Set<Path> folders() {
		List<String> configured = this.properties.socketFolders();
		if (configured == null || configured.isEmpty()) {
			configured = SocketPaths.defaultFolders(this.environment::getProperty)
				.stream()
				.map(Path::toString)
				.toList();
		}
		Set<Path> folders = new LinkedHashSet<>();
		for (String text : configured) {
			Path folder = folder(text);
			String problem = ComponentHost.checkFolder(folder);
			if (problem != null) {
				throw new InvalidSocketFolderException(folder, problem);
			}
			folders.add(folder);
		}
		return folders;
	}

	private static Path folder(String text) {
		try {
			return Path.of(text).toAbsolutePath().normalize();
		}
		catch (InvalidPathException ex) {
			throw new InvalidConfigurationPropertyValueException("pluggable.socket-folders", text,
					"The value is not a path: " + ex.getReason() + ".");
		}
	}

	private List<ComponentDeclaration> declarations(ComponentSettings defaults, ApplicationIdentity application) {
		Map<String, PluggableProperties.Component> components = new LinkedHashMap<>(
				RelaxedNames.merge(COMPONENTS, this.properties.components(), this.environment));
		List<ComponentDeclaration> declarations = new ArrayList<>();
		for (ComponentDeclarationSource source : this.sources) {
			for (ComponentDeclaration declaration : source.declarations(defaults, application)) {
				String name = RelaxedNames.find(components, declaration.name());
				declarations.add((name != null) ? override(declaration, components.remove(name)) : declaration);
			}
		}
		components.forEach((name, component) -> declarations.add(declaration(name, component, defaults)));
		return declarations;
	}

	private ComponentDeclaration declaration(String name, PluggableProperties.Component component,
			ComponentSettings defaults) {
		String prefix = prefix(name);
		return new ComponentDeclaration(name, type(prefix, component.type()), orElse(component.required(), false),
				metadata(prefix, component), settings(prefix, component, defaults),
				secrets(prefix + ".metadata-from", component.metadataFrom()), orElse(component.services(), List.of()),
				null);
	}

	/**
	 * Replace values of a source with the values of properties. Each property replaces
	 * one value.
	 */
	private ComponentDeclaration override(ComponentDeclaration declaration, PluggableProperties.Component component) {
		String prefix = prefix(declaration.name());
		Map<String, String> values = metadata(prefix, component);
		Map<String, SecretReference> references = secrets(prefix + ".metadata-from", component.metadataFrom());
		Map<String, String> metadata = new LinkedHashMap<>(RelaxedNames.override(declaration.metadata(), values));
		Map<String, SecretReference> secrets = new LinkedHashMap<>(
				RelaxedNames.override(declaration.secrets(), references));
		RelaxedNames.removeAll(metadata, references.keySet());
		RelaxedNames.removeAll(secrets, values.keySet());
		return new ComponentDeclaration(declaration.name(),
				(component.type() != null) ? type(prefix, component.type()) : declaration.type(),
				orElse(component.required(), declaration.required()), metadata,
				settings(prefix, component, declaration.settings()), secrets,
				orElse(component.services(), declaration.services()), declaration.origin());
	}

	private Map<String, String> metadata(String prefix, PluggableProperties.Component component) {
		return RelaxedNames.mergeKeys(prefix + ".metadata", component.metadata(), this.environment);
	}

	private static String prefix(String component) {
		return COMPONENTS + "." + component;
	}

	private static ComponentSettings settings(String prefix, PluggableProperties.Component component,
			ComponentSettings defaults) {
		return settings(prefix, orElse(component.callTimeout(), defaults.callTimeout()),
				orElse(component.initTimeout(), defaults.initTimeout()),
				orElse(component.waitForReady(), defaults.waitForReady()),
				orElse(component.outageGrace(), defaults.outageGrace()),
				orElse(component.maxInboundMessageSize(), DataSize.ofBytes(defaults.maxInboundMessageSize())));
	}

	private Map<String, SecretReference> secrets(String prefix,
			Map<String, PluggableProperties.MetadataFrom> metadata) {
		Map<String, SecretReference> secrets = new LinkedHashMap<>();
		RelaxedNames.merge(prefix, metadata, this.environment).forEach((key, from) -> {
			String name = prefix + "." + key;
			String store = from.secretStore();
			if (!StringUtils.hasText(store)) {
				throw new InvalidConfigurationPropertyValueException(name + ".secret-store", store,
						"The value must be the name of a secret store component.");
			}
			if (!StringUtils.hasText(from.name()) && !StringUtils.hasText(from.key())) {
				throw new InvalidConfigurationPropertyValueException(name + ".key", from.key(),
						"Either 'key' or 'name' must be the name of a secret in the secret store.");
			}
			secrets.put(key, SecretReference.of(store, from.name(), from.key()));
		});
		return secrets;
	}

	/**
	 * Return the variables of plugins that come from secret stores.
	 */
	private Map<String, Map<String, SecretReference>> pluginSecrets() {
		Map<String, Map<String, SecretReference>> secrets = new LinkedHashMap<>();
		RelaxedNames.merge("pluggable.plugins", this.properties.plugins(), this.environment)
			.forEach((name, plugin) -> secrets.put(name,
					secrets("pluggable.plugins." + name + ".environment.variables-from",
							plugin.environment().variablesFrom())));
		return secrets;
	}

	private static ComponentType type(String prefix, @Nullable String text) {
		String name = prefix + ".type";
		if (!StringUtils.hasText(text)) {
			throw new InvalidConfigurationPropertyValueException(name, text,
					"The value must be the type of the component, such as 'state.redis'.");
		}
		try {
			return ComponentType.of(text);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConfigurationPropertyValueException(name, text, ex.getMessage() + ".");
		}
	}

	private static ComponentSettings settings(String prefix, Duration callTimeout, Duration initTimeout,
			Duration waitForReady, Duration outageGrace, DataSize maxInboundMessageSize) {
		requirePositive(prefix + ".call-timeout", callTimeout);
		requirePositive(prefix + ".init-timeout", initTimeout);
		requireNotNegative(prefix + ".wait-for-ready", waitForReady);
		requireNotNegative(prefix + ".outage-grace", outageGrace);
		return new ComponentSettings(callTimeout, initTimeout, waitForReady, outageGrace,
				bytes(prefix + ".max-inbound-message-size", maxInboundMessageSize));
	}

	static int bytes(String name, DataSize size) {
		long bytes = size.toBytes();
		if (bytes <= 0 || bytes > Integer.MAX_VALUE) {
			throw new InvalidConfigurationPropertyValueException(name, size,
					"The value must be between 1B and " + Integer.MAX_VALUE + "B.");
		}
		return (int) bytes;
	}

	private static void requireNotNegative(String name, Duration duration) {
		if (duration.isNegative()) {
			throw new InvalidConfigurationPropertyValueException(name, duration, "The value must not be negative.");
		}
	}

	private static void requirePositive(String name, Duration duration) {
		if (duration.isZero() || duration.isNegative()) {
			throw new InvalidConfigurationPropertyValueException(name, duration, "The value must be longer than zero.");
		}
	}

	private static <V> V orElse(@Nullable V value, V other) {
		return (value != null) ? value : other;
	}

}
