package dev.pluggable.spring.autoconfigure.server;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import dev.pluggable.server.ComponentServer;
import dev.pluggable.spring.autoconfigure.host.RelaxedNames;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Converts properties to the settings of servers, and rejects invalid properties.
 */
final class PropertiesServerSettings {

	private static final String INSTANCES = "pluggable.server.instances";

	private final PluggableServerProperties properties;

	private final Path folder;

	private final Set<PosixFilePermission> permissions;

	private final int maxInboundMessageSize;

	private final boolean allowUntrustedFolder;

	/**
	 * Metadata of the instances by their names.
	 */
	private final Map<String, Map<String, String>> instances = new LinkedHashMap<>();

	PropertiesServerSettings(PluggableServerProperties properties, Environment environment) {
		this.properties = properties;
		this.folder = folder(properties.folder(), environment);
		this.permissions = permissions(properties.permissions());
		RelaxedNames.merge(INSTANCES, properties.instances(), environment)
			.forEach((name, instance) -> this.instances.put(name,
					RelaxedNames.mergeKeys(INSTANCES + "." + name + ".metadata", instance.metadata(), environment)));
		this.allowUntrustedFolder = environment.getProperty("pluggable.security.allow-untrusted-folders", Boolean.class,
				false);
		long size = properties.maxInboundMessageSize().toBytes();
		if (size <= 0 || size > Integer.MAX_VALUE) {
			throw invalid("max-inbound-message-size", properties.maxInboundMessageSize(),
					"The value must be between 1B and " + Integer.MAX_VALUE + "B.");
		}
		this.maxInboundMessageSize = (int) size;
		if (properties.threads() < 1) {
			throw invalid("threads", properties.threads(), "The value must be at least 1.");
		}
		if (properties.maxConnections() < 1) {
			throw invalid("max-connections", properties.maxConnections(), "The value must be at least 1.");
		}
		if (properties.idleTimeout().compareTo(Duration.ofSeconds(1)) < 0) {
			throw invalid("idle-timeout", properties.idleTimeout(), "The value must be at least 1s.");
		}
		if (properties.shutdownTimeout().isNegative()) {
			throw invalid("shutdown-timeout", properties.shutdownTimeout(), "The value must not be negative.");
		}
		String name = name();
		if (name != null) {
			try {
				ComponentServer.inFolder(this.folder, name);
			}
			catch (IllegalArgumentException ex) {
				throw invalid("name", name, ex.getMessage() + ".");
			}
		}
	}

	private static Path folder(@Nullable String configured, Environment environment) {
		if (!StringUtils.hasText(configured)) {
			return SocketPaths.defaultFolder(environment::getProperty);
		}
		try {
			return Path.of(configured).toAbsolutePath().normalize();
		}
		catch (InvalidPathException ex) {
			throw invalid("folder", configured, "The value is not a path: " + ex.getReason() + ".");
		}
	}

	private static Set<PosixFilePermission> permissions(String text) {
		try {
			return PosixFilePermissions.fromString(text);
		}
		catch (IllegalArgumentException ex) {
			throw invalid("permissions", text, "The value must consist of nine characters, such as 'rw-rw----'.");
		}
	}

	private static InvalidConfigurationPropertyValueException invalid(String name, @Nullable Object value,
			String reason) {
		return new InvalidConfigurationPropertyValueException("pluggable.server." + name, value, reason);
	}

	/**
	 * Return the name of the socket for beans that do not name a socket.
	 * @return the name, {@code null} if the property is not set
	 */
	@Nullable String name() {
		return StringUtils.hasText(this.properties.name()) ? this.properties.name() : null;
	}

	/**
	 * Create a server builder.
	 * @param name name of the socket
	 * @return a builder with these settings
	 * @throws IllegalArgumentException if the name contains invalid characters
	 */
	ComponentServer.Builder server(String name) {
		ComponentServer.Builder builder = ComponentServer.inFolder(this.folder, name)
			.permissions(this.permissions)
			.shutdownTimeout(this.properties.shutdownTimeout())
			.maxInboundMessageSize(this.maxInboundMessageSize)
			.threads(this.properties.threads())
			.maxConnections(this.properties.maxConnections())
			.idleTimeout(this.properties.idleTimeout())
			.transport(this.properties.transport());
		this.instances.forEach(builder::instance);
		return this.allowUntrustedFolder ? builder.allowUntrustedFolder() : builder;
	}

}
