package dev.pluggable.spring.autoconfigure.host;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.EnvironmentSettings;
import dev.pluggable.plugin.HandshakeSettings;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.ReattachSettings;
import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.plugin.TlsSettings;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;

/**
 * Converts properties to the settings of plugins, and rejects invalid properties.
 * Messages never contain arguments of a command or values of environment variables.
 */
final class PropertiesPluginSettings {

	private static final Pattern CHECKSUM = Pattern.compile("sha256:[0-9A-Fa-f]{64}|sha512:[0-9A-Fa-f]{128}");

	/**
	 * The default settings. The name and the command are placeholders.
	 */
	private static final PluginSettings DEFAULTS = PluginSettings.of("defaults", List.of("none"));

	private final PluggableProperties properties;

	private final Environment environment;

	private final @Nullable SslBundles bundles;

	/**
	 * Create a converter.
	 * @param environment the environment that contains the properties
	 * @param bundles the SSL bundles of the application, {@code null} if there are none
	 */
	PropertiesPluginSettings(PluggableProperties properties, Environment environment, @Nullable SslBundles bundles) {
		this.properties = properties;
		this.environment = environment;
		this.bundles = bundles;
	}

	/**
	 * Return the directory for the private directories of plugins.
	 */
	Path directory() {
		String text = this.properties.pluginDirectory();
		if (!StringUtils.hasText(text)) {
			return HostSettings.DEFAULT_PLUGIN_DIRECTORY;
		}
		String name = "pluggable.plugin-directory";
		Path directory = path(name, text).toAbsolutePath().normalize();
		String problem = ComponentHost.checkPluginDirectory(directory);
		if (problem != null) {
			throw invalid(name, text, "The directory cannot contain sockets: " + problem + ".");
		}
		requireFolder(name, text, directory);
		return directory;
	}

	/**
	 * Return the settings of all plugins.
	 */
	List<PluginSettings> settings() {
		List<PluginSettings> settings = new ArrayList<>();
		RelaxedNames.merge("pluggable.plugins", this.properties.plugins(), this.environment)
			.forEach((name, plugin) -> settings.add(settings(name, plugin)));
		return settings;
	}

	private PluginSettings settings(String name, PluggableProperties.Plugin plugin) {
		String prefix = prefix(name);
		List<String> command = command(prefix, plugin);
		PluginProtocol protocol = orElse(plugin.protocol(), DEFAULTS.protocol());
		boolean autoMtls = orElse(plugin.autoMtls(), DEFAULTS.autoMtls());
		if (protocol != PluginProtocol.GO_PLUGIN) {
			requireNothingOfGoPlugin(prefix, plugin);
		}
		Duration startTimeout = orElse(plugin.startTimeout(), DEFAULTS.startTimeout());
		if (startTimeout.isZero() || startTimeout.isNegative()) {
			throw invalid(prefix + ".start-timeout", startTimeout, "The value must be longer than zero.");
		}
		Duration stopTimeout = requireNotNegative(prefix + ".stop-timeout",
				orElse(plugin.stopTimeout(), DEFAULTS.stopTimeout()));
		String checksum = checksum(prefix, plugin.checksum());
		ReattachSettings reattach = reattach(prefix, plugin.reattach());
		if (reattach != null && (checksum != null || autoMtls)) {
			throw invalid(prefix + ((checksum != null) ? ".checksum" : ".auto-mtls"),
					(checksum != null) ? checksum : true,
					"The property means nothing for a process that the application does not launch. "
							+ "Remove the property or 'reattach'.");
		}
		EnvironmentSettings environment = environment(prefix, plugin.environment());
		Path workingDirectory = workingDirectory(prefix, plugin.workingDirectory());
		HandshakeSettings handshake = handshake(prefix, plugin.handshake());
		RestartSettings restart = restart(prefix, plugin.restart());
		TlsSettings tls = tls(prefix, plugin.tls());
		if (tls != null && autoMtls) {
			throw invalid(prefix + ".tls.bundle", plugin.tls().bundle(),
					"A plugin has either a certificate of its own or 'auto-mtls'; remove one of the properties.");
		}
		int maxInboundMessageSize = PropertiesHostSettings.bytes(prefix + ".max-inbound-message-size",
				orElse(plugin.maxInboundMessageSize(), DataSize.ofBytes(DEFAULTS.maxInboundMessageSize())));
		try {
			return new PluginSettings(name, command, environment, workingDirectory, protocol, handshake, autoMtls,
					checksum, startTimeout, stopTimeout, restart, orElse(plugin.logLevel(), DEFAULTS.logLevel()),
					reattach, orElse(plugin.required(), DEFAULTS.required()), tls, maxInboundMessageSize);
		}
		catch (IllegalArgumentException ex) {
			throw invalid(prefix, null, ex.getMessage() + ".");
		}
	}

	private static void requireNothingOfGoPlugin(String prefix, PluggableProperties.Plugin plugin) {
		PluggableProperties.PluginHandshake handshake = plugin.handshake();
		PluggableProperties.PluginReattach reattach = plugin.reattach();
		Map<String, Boolean> set = new LinkedHashMap<>();
		set.put(".auto-mtls", orElse(plugin.autoMtls(), DEFAULTS.autoMtls()));
		set.put(".handshake.cookie-key", StringUtils.hasLength(handshake.cookieKey()));
		set.put(".handshake.cookie-value", StringUtils.hasLength(handshake.cookieValue()));
		set.put(".handshake.protocol-versions", handshake.protocolVersions() != null);
		set.put(".max-inbound-message-size", plugin.maxInboundMessageSize() != null);
		set.put(".reattach.protocol-version", reattach != null && reattach.protocolVersion() != null);
		set.forEach((property, isSet) -> {
			if (isSet) {
				throw invalid(prefix + property, null, "Only the protocol go-plugin has this property. "
						+ "Remove the property, or set 'protocol' to 'go-plugin'.");
			}
		});
	}

	/**
	 * Return the prefix of the properties of a plugin, in the notation of a properties
	 * file.
	 */
	private static String prefix(String plugin) {
		boolean plain = plugin.chars().allMatch((c) -> c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
		return "pluggable.plugins" + (plain ? "." + plugin : "[" + plugin + "]");
	}

	private static List<String> command(String prefix, PluggableProperties.Plugin plugin) {
		List<String> command = plugin.command();
		String name = prefix + ".command";
		if (plugin.reattach() != null) {
			if (!command.isEmpty()) {
				throw invalid(prefix + ".reattach.address", plugin.reattach().address(),
						"A plugin has either 'command' or 'reattach', which connects to a running process; "
								+ "remove one.");
			}
			return command;
		}
		if (command.isEmpty()) {
			throw invalid(name, null, "The value must be a list of the program and its arguments, such as "
					+ "[/opt/plugins/relayer, --verbose].");
		}
		String program = command.get(0);
		if (!StringUtils.hasText(program)) {
			throw invalid(name, program, "The first element must be the program.");
		}
		if (command.stream().anyMatch((element) -> element.indexOf('\0') >= 0)) {
			throw invalid(name, null, "The value must not contain the character NUL.");
		}
		if (command.size() == 1 && StringUtils.containsWhitespace(program) && !exists(program)) {
			// Spring Boot's analysis of an invalid value would show the arguments.
			throw new FailureAnalyzedException(
					"'" + name + "' is one text with spaces that begins with '" + program.strip().split("\\s", 2)[0]
							+ "', and this file does not exist",
					"Write a list with one element for the program and one element for each argument: "
							+ "[/opt/plugins/relayer, --verbose].");
		}
		return command;
	}

	private static boolean exists(String path) {
		try {
			return Files.exists(Path.of(path));
		}
		catch (InvalidPathException ex) {
			return false;
		}
	}

	private EnvironmentSettings environment(String prefix, PluggableProperties.PluginEnvironment environment) {
		String name = prefix + ".environment.variables";
		Map<String, String> variables = RelaxedNames.variables(name, environment.variables(), this.environment);
		variables.forEach((variable, value) -> {
			if (!isVariable(variable)) {
				throw invalid(name, null, "'" + variable + "' is not a valid name of an environment variable.");
			}
			if (value.indexOf('\0') >= 0) {
				throw invalid(name, null, "The value of '" + variable + "' must not contain the character NUL.");
			}
		});
		Set<String> inherit = orElse(environment.inherit(), DEFAULTS.environment().inherit());
		for (String variable : inherit) {
			if (!isVariable(variable)) {
				throw invalid(prefix + ".environment.inherit", variable,
						"Each element must be the name of a variable, or '*' for all variables.");
			}
		}
		return new EnvironmentSettings(inherit, variables);
	}

	private static boolean isVariable(String name) {
		return !name.isEmpty() && name.indexOf('=') < 0 && name.indexOf('\0') < 0;
	}

	private static @Nullable Path workingDirectory(String prefix, @Nullable String text) {
		if (!StringUtils.hasText(text)) {
			return DEFAULTS.workingDirectory();
		}
		String name = prefix + ".working-directory";
		Path directory = path(name, text);
		requireFolder(name, text, directory);
		return directory.toAbsolutePath().normalize();
	}

	private static HandshakeSettings handshake(String prefix, PluggableProperties.PluginHandshake handshake) {
		String key = orElse(handshake.cookieKey(), DEFAULTS.handshake().cookieKey());
		String value = orElse(handshake.cookieValue(), DEFAULTS.handshake().cookieValue());
		String name = prefix + ".handshake.cookie-";
		if (key.indexOf('=') >= 0 || key.indexOf('\0') >= 0) {
			throw invalid(name + "key", key, "The value must be the name of an environment variable.");
		}
		if (key.isEmpty() != value.isEmpty()) {
			throw invalid(name + (key.isEmpty() ? "key" : "value"), null,
					"Both the key and the value of the cookie must be set, as the plugin expects them.");
		}
		if (value.indexOf('\0') >= 0) {
			throw invalid(name + "value", null, "The value must not contain the character NUL.");
		}
		Set<Integer> versions = orElse(handshake.protocolVersions(), DEFAULTS.handshake().protocolVersions());
		if (versions.isEmpty() || versions.stream().anyMatch((version) -> version < 0)) {
			throw invalid(prefix + ".handshake.protocol-versions", versions,
					"The list must contain at least one version, and none below 0.");
		}
		return new HandshakeSettings(key, value, versions);
	}

	private static @Nullable String checksum(String prefix, @Nullable String text) {
		if (!StringUtils.hasText(text)) {
			return DEFAULTS.checksum();
		}
		String checksum = text.strip();
		if (!CHECKSUM.matcher(checksum).matches()) {
			throw invalid(prefix + ".checksum", text, "The value must be 'sha256:' and 64 hexadecimal digits, which "
					+ "'sha256sum' prints for the program file, or 'sha512:' and 128 hexadecimal digits.");
		}
		return checksum;
	}

	private static RestartSettings restart(String prefix, PluggableProperties.PluginRestart restart) {
		RestartSettings defaults = DEFAULTS.restart();
		String name = prefix + ".restart.";
		Duration initialDelay = requireNotNegative(name + "initial-delay",
				orElse(restart.initialDelay(), defaults.initialDelay()));
		Duration maxDelay = orElse(restart.maxDelay(), longer(initialDelay, defaults.maxDelay()));
		if (maxDelay.compareTo(initialDelay) < 0) {
			throw invalid(name + "max-delay", maxDelay,
					"The value must not be shorter than 'initial-delay', which is " + initialDelay.toMillis() + "ms.");
		}
		double jitter = orElse(restart.jitter(), defaults.jitter());
		if (!(jitter >= 0 && jitter <= 1)) {
			throw invalid(name + "jitter", jitter, "The value must be between 0 and 1.");
		}
		int crashLoopCount = orElse(restart.crashLoopCount(), defaults.crashLoopCount());
		if (crashLoopCount < 0) {
			throw invalid(name + "crash-loop-count", crashLoopCount,
					"The value must not be negative; 0 sets no limit.");
		}
		return new RestartSettings(orElse(restart.policy(), defaults.policy()), initialDelay, maxDelay, jitter,
				crashLoopCount,
				requireNotNegative(name + "crash-loop-window",
						orElse(restart.crashLoopWindow(), defaults.crashLoopWindow())),
				requireNotNegative(name + "reset-after", orElse(restart.resetAfter(), defaults.resetAfter())),
				requireNotNegative(name + "hang-timeout", orElse(restart.hangTimeout(), defaults.hangTimeout())),
				orElse(restart.mode(), defaults.mode()));
	}

	private @Nullable TlsSettings tls(String prefix, PluggableProperties.PluginTls tls) {
		String bundle = tls.bundle();
		String name = prefix + ".tls.";
		if (!StringUtils.hasText(bundle)) {
			if (StringUtils.hasText(tls.serverName())) {
				throw invalid(name + "server-name", tls.serverName(), "The property needs 'tls.bundle'.");
			}
			return null;
		}
		SslBundles bundles = this.bundles;
		if (bundles == null || !bundles.getBundleNames().contains(bundle)) {
			throw invalid(name + "bundle", bundle,
					"There is no such SSL bundle. The bundles below 'spring.ssl.bundle' are "
							+ ((bundles != null) ? bundles.getBundleNames() : List.of()) + ".");
		}
		return new TlsSettings(() -> bundles.getBundle(bundle).createSslContext(),
				StringUtils.hasText(tls.serverName()) ? tls.serverName() : TlsSettings.DEFAULT_SERVER_NAME);
	}

	private static Duration longer(Duration one, Duration other) {
		return (one.compareTo(other) > 0) ? one : other;
	}

	private static @Nullable ReattachSettings reattach(String prefix,
			PluggableProperties.@Nullable PluginReattach reattach) {
		if (reattach == null) {
			return null;
		}
		String name = prefix + ".reattach.";
		String network = reattach.network();
		if (!network.equals("unix") && !network.equals("tcp")) {
			throw invalid(name + "network", network, "The value must be 'unix' or 'tcp'.");
		}
		String address = reattach.address();
		if (!StringUtils.hasText(address)) {
			throw invalid(name + "address", address,
					"The value must be the " + (network.equals("unix") ? "path of a socket." : "host and port."));
		}
		if (network.equals("unix")) {
			Path socket = path(name + "address", address);
			if (!socket.isAbsolute() || SocketPaths.length(socket) > SocketPaths.MAX_BYTES) {
				throw invalid(name + "address", address, "The value must be the absolute path of a socket with at most "
						+ SocketPaths.MAX_BYTES + " bytes.");
			}
		}
		Long pid = reattach.pid();
		if (pid == null || pid <= 0) {
			throw invalid(name + "pid", pid, "The value must be the id of the process.");
		}
		int version = orElse(reattach.protocolVersion(), 1);
		if (version < 0) {
			throw invalid(name + "protocol-version", version, "The value must not be negative.");
		}
		return new ReattachSettings(network, address, pid, version, reattach.test());
	}

	private static Path path(String name, String text) {
		try {
			return Path.of(text);
		}
		catch (InvalidPathException ex) {
			throw invalid(name, text, "The value is not a path: " + ex.getReason() + ".");
		}
	}

	private static void requireFolder(String name, String text, Path path) {
		if (!Files.isDirectory(path)) {
			throw invalid(name, text, (Files.exists(path) ? "The path is not a folder." : "There is no such folder."));
		}
	}

	private static Duration requireNotNegative(String name, Duration duration) {
		if (duration.isNegative()) {
			throw invalid(name, duration, "The value must not be negative.");
		}
		return duration;
	}

	private static <V> V orElse(@Nullable V value, V other) {
		return (value != null) ? value : other;
	}

	private static InvalidConfigurationPropertyValueException invalid(String name, @Nullable Object value,
			String reason) {
		return new InvalidConfigurationPropertyValueException(name, value, reason);
	}

}
