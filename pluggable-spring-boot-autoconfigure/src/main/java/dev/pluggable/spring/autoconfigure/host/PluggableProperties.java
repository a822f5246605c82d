package dev.pluggable.spring.autoconfigure.host;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.transport.TransportType;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Configuration properties for components in other processes. The properties are
 * immutable, because Spring registers components before it creates the beans of the
 * application.
 *
 * @param socketFolders Folders to watch for sockets, in order of precedence. If not set,
 * the application watches the folders that the environment variables
 * DAPR_COMPONENTS_SOCKETS_FOLDER, DAPR_COMPONENT_SOCKETS_FOLDER,
 * DAPR_COMPONENT_SOCKET_FOLDER and LAYOTTO_COMPONENTS_SOCKETS_FOLDER name, in this order.
 * If no variable is set either, the application watches /tmp/dapr-components-sockets.
 * @param startupTimeout Time to wait for required components and plugins when the
 * application starts. The start fails if a required component is not ready in time. The
 * application warns about other declared components that are not ready after this time.
 * With zero, the application starts without waiting.
 * @param resources Locations of Dapr component files, or of folders that contain them,
 * such as classpath:/components,file:/etc/components. The prefix optional: marks a
 * location that may be missing.
 * @param application Identity that the application reports to its components.
 * @param discovery Discovery of components.
 * @param defaults Limits for components that do not set their own limits.
 * @param components Components that the application declares, by name.
 * @param security Users whose processes the application accepts as components.
 * @param health Health probes of components.
 * @param transport Transport for Unix domain sockets.
 * @param plugins Plugin processes that the application launches, by name.
 * @param pluginDirectory Directory in which the application creates a private directory
 * for each plugin. Private directories contain sockets, so the path must be short. If not
 * set, the application uses the directory for temporary files.
 * @param drainTimeout Maximum time that calls and message handlers on a replaced process
 * or connection may take to end. Most of them end earlier by their own time limits.
 * @since 0.1.0
 */
@ConfigurationProperties("pluggable")
public record PluggableProperties(@Nullable List<String> socketFolders, @DefaultValue("30s") Duration startupTimeout,
		@Nullable List<String> resources, @DefaultValue Application application, @DefaultValue Discovery discovery,
		@DefaultValue Defaults defaults, @DefaultValue Map<String, Component> components,
		@DefaultValue Security security, @DefaultValue Health health, @DefaultValue Transport transport,
		@DefaultValue Map<String, Plugin> plugins, @Nullable String pluginDirectory,
		@DefaultValue("10m") Duration drainTimeout) {

	/**
	 * Identity that the application reports to its components.
	 *
	 * @param id Identifier that all instances of the application share, like the app ID
	 * of Dapr. If not set, the application uses spring.application.name.
	 * @param namespace Namespace in which the application runs. If not set, the
	 * application reads the environment variable NAMESPACE, then POD_NAMESPACE.
	 */
	public record Application(@Nullable String id, @Nullable String namespace) {
	}

	/**
	 * Discovery of components.
	 *
	 * @param reconcileInterval Interval at which the host reads the socket folders, even
	 * if the operating system reports no change.
	 * @param probeTimeout Time allowed for connecting to a socket and querying its
	 * services.
	 * @param initialWait Time to wait, before Spring creates singletons, until the host
	 * has identified the existing sockets. With zero, the host starts after all
	 * singletons exist.
	 * @param publishUndeclared Whether to publish discovered components that the
	 * application does not declare.
	 * @param publishUnknownServices Whether to publish each service that no kind has as a
	 * component of the type DynamicService. Without publish-undeclared, none is
	 * published.
	 * @param goneAfter Time that the socket of an undeclared component may be missing
	 * before the host removes the component.
	 */
	public record Discovery(@DefaultValue("1s") Duration reconcileInterval, @DefaultValue("5s") Duration probeTimeout,
			@DefaultValue("2s") Duration initialWait, @DefaultValue("true") boolean publishUndeclared,
			@DefaultValue("true") boolean publishUnknownServices, @DefaultValue("30s") Duration goneAfter) {
	}

	/**
	 * Limits for components that do not set their own limits.
	 *
	 * @param callTimeout Time allowed for a call. A stream without a deadline has this
	 * time to end after its process was replaced.
	 * @param initTimeout Time allowed for the initialization of a component.
	 * @param waitForReady Time that a call waits for a component that is not ready,
	 * however long the outage is.
	 * @param outageGrace Age of an outage, or of the start, up to which calls wait for a
	 * component that is not ready. Calls fail immediately when an outage is older.
	 * @param maxInboundMessageSize Maximum size of a message from a component.
	 */
	public record Defaults(@DefaultValue("5s") Duration callTimeout, @DefaultValue("5s") Duration initTimeout,
			@DefaultValue("0s") Duration waitForReady, @DefaultValue("2s") Duration outageGrace,
			@DefaultValue("4MB") DataSize maxInboundMessageSize) {
	}

	/**
	 * A component that the application declares.
	 *
	 * @param type Kind and implementation of the component, such as state.redis. The
	 * implementation is the name of a socket without its extension, or the name of a
	 * built-in implementation such as in-memory.
	 * @param required Whether the application requires the component. The start of the
	 * application waits for required components, and the readiness of the application
	 * includes them. If not set, the component is optional unless its component file
	 * requires the component.
	 * @param metadata Metadata to pass to the component when the host initializes it.
	 * @param metadataFrom Metadata to read from secret stores, by metadata key. The host
	 * initializes the component when the secret stores are ready.
	 * @param services Full names of gRPC services that the process must offer for the
	 * component, besides those of its kind. The health of these services is the health of
	 * the component.
	 * @param callTimeout Time allowed for a call. A stream without a deadline has this
	 * time to end after its process was replaced.
	 * @param initTimeout Time allowed for the initialization of the component.
	 * @param waitForReady Time that a call waits while the component is not ready,
	 * however long the outage is.
	 * @param outageGrace Age of an outage, or of the start, up to which calls wait while
	 * the component is not ready. Calls fail immediately when an outage is older.
	 * @param maxInboundMessageSize Maximum size of a message from the component.
	 */
	@ConfigurationPropertiesSource
	public record Component(@Nullable String type, @Nullable Boolean required,
			@DefaultValue Map<String, String> metadata, @DefaultValue Map<String, MetadataFrom> metadataFrom,
			@Nullable List<String> services, @Nullable Duration callTimeout, @Nullable Duration initTimeout,
			@Nullable Duration waitForReady, @Nullable Duration outageGrace, @Nullable DataSize maxInboundMessageSize) {

		@Override
		public String toString() {
			// Metadata may hold secrets.
			return "Component[type=" + this.type + ", required=" + this.required + ", metadata="
					+ this.metadata.keySet() + "]";
		}

	}

	/**
	 * Secret that holds a value of the metadata or of an environment variable.
	 *
	 * @param secretStore Name of the secret store component.
	 * @param name Name of the secret in the secret store. If not set, the name is the
	 * same as the key.
	 * @param key Key of the value in the secret. If not set, the key is the same as the
	 * name of the secret.
	 */
	@ConfigurationPropertiesSource
	public record MetadataFrom(@Nullable String secretStore, @Nullable String name, @Nullable String key) {
	}

	/**
	 * Users and folders that the application trusts.
	 *
	 * @param allowedUids Numeric IDs of further users whose processes may serve
	 * components. The application always accepts its own user and root.
	 * @param allowUntrustedFolders Whether to use socket folders, the folder of served
	 * sockets and the plugin directory even if other users can change them. Such users
	 * can exchange the sockets of components, and so receive the requests and secrets of
	 * another component.
	 */
	public record Security(@DefaultValue Set<Long> allowedUids, @DefaultValue("false") boolean allowUntrustedFolders) {
	}

	/**
	 * Health probes of components.
	 *
	 * @param probeInterval Interval between health probes of a healthy endpoint.
	 * @param probeTimeout Time to wait for the answer to a health probe before the
	 * endpoint counts as hung.
	 */
	public record Health(@DefaultValue("10s") Duration probeInterval, @DefaultValue("1s") Duration probeTimeout) {
	}

	/**
	 * Transport for Unix domain sockets.
	 *
	 * @param type Transport to use for Unix domain sockets. The value auto selects the
	 * best transport that works on the machine.
	 * @param maxInboundMetadataSize Largest metadata of a call that the application
	 * accepts from a component. The text and the details of an error are metadata.
	 */
	public record Transport(@DefaultValue("auto") TransportType type,
			@DefaultValue("64KB") DataSize maxInboundMetadataSize) {
	}

	/**
	 * A plugin process that the application launches.
	 *
	 * @param command Command line of the process: a list of the program and its
	 * arguments.
	 * @param environment Environment of the process.
	 * @param workingDirectory Working directory of the process. If not set, the process
	 * gets a private directory, which the application deletes after the process has
	 * ended.
	 * @param protocol Protocol by which the process announces its address.
	 * @param handshake Handshake of the protocol go-plugin.
	 * @param autoMtls Whether to encrypt connections with mutual TLS. The application
	 * creates new certificates for each process.
	 * @param checksum Expected checksum of the program file: sha256: and 64 hexadecimal
	 * digits, or sha512: and 128. If not set, the application does not verify the file.
	 * @param startTimeout Time to wait until the process is ready.
	 * @param stopTimeout Time to wait for the process to end before the application kills
	 * it.
	 * @param restart Restart of a process that has ended or hangs.
	 * @param logLevel Lowest level at which the application logs output of the process.
	 * @param reattach Running process to connect to, instead of a command to launch.
	 * @param required Whether the application requires the plugin. The start of the
	 * application waits for required plugins, and the readiness of the application
	 * includes them.
	 * @param tls TLS of a plugin that serves TLS with a certificate of its own.
	 * @param maxInboundMessageSize Maximum size of a message on connections that the
	 * application serves to the plugin, such as a request to a host service. Also the
	 * maximum size of an answer that the application forwards to the plugin.
	 */
	@ConfigurationPropertiesSource
	public record Plugin(@DefaultValue List<String> command, @DefaultValue PluginEnvironment environment,
			@Nullable String workingDirectory, @Nullable PluginProtocol protocol,
			@DefaultValue PluginHandshake handshake, @Nullable Boolean autoMtls, @Nullable String checksum,
			@Nullable Duration startTimeout, @Nullable Duration stopTimeout, @DefaultValue PluginRestart restart,
			@Nullable Level logLevel, @Nullable PluginReattach reattach, @Nullable Boolean required,
			@DefaultValue PluginTls tls, @Nullable DataSize maxInboundMessageSize) {

		@Override
		public String toString() {
			// Arguments may hold secrets.
			return "Plugin[command=" + this.command.stream().limit(1).toList() + ", environment=" + this.environment
					+ ", protocol=" + this.protocol + ", required=" + this.required + "]";
		}

	}

	/**
	 * Environment of a process. The process inherits only the listed variables of the
	 * application.
	 *
	 * @param inherit Names of environment variables that the process inherits from the
	 * application. '*' stands for all variables.
	 * @param variables Further environment variables of the process, by name. These
	 * variables replace inherited variables of the same name.
	 * @param variablesFrom Further environment variables of the process whose values come
	 * from secret stores, by name. The process starts when the secret stores are ready.
	 */
	public record PluginEnvironment(@Nullable Set<String> inherit, @DefaultValue Map<String, String> variables,
			@DefaultValue Map<String, MetadataFrom> variablesFrom) {

		@Override
		public String toString() {
			// Values may be secrets.
			return "PluginEnvironment[inherit=" + this.inherit + ", variables=" + this.variables.keySet()
					+ ", variablesFrom=" + this.variablesFrom.keySet() + "]";
		}

	}

	/**
	 * Handshake of the protocol go-plugin.
	 *
	 * @param cookieKey Name of the environment variable that holds the magic cookie. The
	 * magic cookie tells a program that a host launches it as a plugin.
	 * @param cookieValue Value of the magic cookie that the program expects.
	 * @param protocolVersions Versions of the application protocol that the application
	 * supports.
	 */
	public record PluginHandshake(@Nullable String cookieKey, @Nullable String cookieValue,
			@Nullable Set<Integer> protocolVersions) {
	}

	/**
	 * Restart of a process that has ended or hangs.
	 *
	 * @param policy Policy that decides whether to restart a process that has ended.
	 * @param initialDelay Delay before the first restart. The delay doubles with each
	 * further restart.
	 * @param maxDelay Maximum delay before a restart. Also the delay in a crash loop, and
	 * after a failure that lasts until somebody changes something, such as a wrong
	 * checksum.
	 * @param jitter Maximum random deviation from a delay, as a fraction of the delay
	 * from 0 to 1.
	 * @param crashLoopCount Number of crashes within the crash loop window that are a
	 * crash loop, in which the application restarts the process only after the maximum
	 * delay. Zero sets no limit.
	 * @param crashLoopWindow Time window in which the application counts crashes.
	 * @param resetAfter Time that a process must run before the next delay is the initial
	 * delay again.
	 * @param hangTimeout Time to wait for an answer to health checks before the
	 * application kills the process. Zero sets no limit.
	 * @param mode Order of the two processes when the application replaces a process.
	 * With stop-first, the old process ends before the new process starts, for plugins
	 * that need something that only one process can have, such as a fixed port or a
	 * locked file.
	 */
	public record PluginRestart(RestartSettings.@Nullable Policy policy, @Nullable Duration initialDelay,
			@Nullable Duration maxDelay, @Nullable Double jitter, @Nullable Integer crashLoopCount,
			@Nullable Duration crashLoopWindow, @Nullable Duration resetAfter, @Nullable Duration hangTimeout,
			RestartSettings.@Nullable Mode mode) {
	}

	/**
	 * TLS of a plugin that serves TLS with a certificate of its own.
	 *
	 * @param bundle Name of the SSL bundle with the certificates that the application
	 * trusts. The bundle needs a key to serve connections to the plugin.
	 * @param serverName Name that the certificate of the plugin must have.
	 */
	public record PluginTls(@Nullable String bundle, @Nullable String serverName) {
	}

	/**
	 * A running process that the application does not launch, such as a process in a
	 * debugger.
	 *
	 * @param network Network of the address: unix or tcp.
	 * @param address Address of the process: the path of a socket, or a host and a port.
	 * @param pid ID of the process.
	 * @param protocolVersion Version of the application protocol that the process speaks.
	 * @param test Whether to leave the process running when the application stops the
	 * plugin.
	 */
	public record PluginReattach(@DefaultValue("unix") String network, @Nullable String address, @Nullable Long pid,
			@Nullable Integer protocolVersion, @DefaultValue("false") boolean test) {
	}

}
