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
 * Properties of components in other processes. They are immutable, because components are
 * published before the beans of the application are made.
 *
 * @param socketFolders Folders that are watched for sockets, in order of precedence.
 * Without a value they are the folders of all environment variables that are set among
 * DAPR_COMPONENTS_SOCKETS_FOLDER, DAPR_COMPONENT_SOCKETS_FOLDER,
 * DAPR_COMPONENT_SOCKET_FOLDER and LAYOTTO_COMPONENTS_SOCKETS_FOLDER, in this order, else
 * /tmp/dapr-components-sockets.
 * @param resources Component files of Dapr, or folders of them, such as
 * classpath:/components,file:/etc/components. One that need not be there begins with
 * optional:.
 * @param application Who the application is to its components.
 * @param discovery How components are found.
 * @param defaults Limits of components that do not set their own.
 * @param components Components that the application wants to have, by their names.
 * @param security Who may be a component.
 * @param health How the health of components is found out.
 * @param transport How sockets are spoken to.
 * @param plugins Processes that the application launches, by their names.
 * @param pluginDirectory Where private directories for these processes are made. Sockets
 * are in them, so its path must be short. Without a value it is the folder for temporary
 * files.
 * @since 0.1.0
 */
@ConfigurationProperties("pluggable")
public record PluggableProperties(@Nullable List<String> socketFolders, @Nullable List<String> resources,
		@DefaultValue Application application, @DefaultValue Discovery discovery, @DefaultValue Defaults defaults,
		@DefaultValue Map<String, Component> components, @DefaultValue Security security, @DefaultValue Health health,
		@DefaultValue Transport transport, @DefaultValue Map<String, Plugin> plugins,
		@Nullable String pluginDirectory) {

	/**
	 * Who the application is to its components.
	 *
	 * @param id Identifier that all instances of the application share, as Dapr's app id.
	 * Without a value it is spring.application.name.
	 * @param namespace Where the application runs. Without a value it is taken from the
	 * environment variables NAMESPACE and POD_NAMESPACE.
	 */
	public record Application(@Nullable String id, @Nullable String namespace) {
	}

	/**
	 * How components are found.
	 *
	 * @param reconcileInterval How often the folders are read without a hint from the
	 * operating system.
	 * @param probeTimeout How long connecting to a socket and asking for its services may
	 * take together.
	 * @param initialWait How long the start of the application waits for existing sockets
	 * to be identified, before singletons are created. Zero starts the host after all
	 * singletons are created.
	 * @param startupWait How long the start of the application waits for required
	 * components. It fails if one of them is not ready then. Zero does not wait and does
	 * not fail.
	 * @param publishUndeclared Whether to publish components that are found without being
	 * declared.
	 * @param goneAfter How long the socket of an undeclared component may be away before
	 * the component counts as gone.
	 */
	public record Discovery(@DefaultValue("1s") Duration reconcileInterval, @DefaultValue("5s") Duration probeTimeout,
			@DefaultValue("2s") Duration initialWait, @DefaultValue("0s") Duration startupWait,
			@DefaultValue("true") boolean publishUndeclared, @DefaultValue("30s") Duration goneAfter) {
	}

	/**
	 * Limits of components that do not set their own.
	 *
	 * @param callTimeout How long a call may take.
	 * @param initTimeout How long the initialization of a component may take.
	 * @param waitForReady How long a call waits for a component that is not ready. Zero
	 * fails at once.
	 * @param maxInboundMessageSize Largest message that is received from a component.
	 */
	public record Defaults(@DefaultValue("5s") Duration callTimeout, @DefaultValue("5s") Duration initTimeout,
			@DefaultValue("0s") Duration waitForReady, @DefaultValue("4MB") DataSize maxInboundMessageSize) {
	}

	/**
	 * A component that the application wants to have.
	 *
	 * @param type Kind and implementation, such as state.redis. The implementation is the
	 * name of the socket without its extension, or of a built-in one such as in-memory.
	 * @param required Whether the application cannot do its work without the component. A
	 * required component counts for readiness. Without a value it is not, unless a
	 * component file says so.
	 * @param metadata Settings that the component gets for its initialization.
	 * @param metadataFrom Settings that are read from secret stores, by the names that
	 * they have in the metadata. The component waits for the stores.
	 * @param callTimeout How long a call may take.
	 * @param initTimeout How long the initialization of the component may take.
	 * @param waitForReady How long a call waits while the component is not ready. Zero
	 * fails at once.
	 * @param maxInboundMessageSize Largest message that is received from the component.
	 */
	@ConfigurationPropertiesSource
	public record Component(@Nullable String type, @Nullable Boolean required,
			@DefaultValue Map<String, String> metadata, @DefaultValue Map<String, MetadataFrom> metadataFrom,
			@Nullable Duration callTimeout, @Nullable Duration initTimeout, @Nullable Duration waitForReady,
			@Nullable DataSize maxInboundMessageSize) {

		@Override
		public String toString() {
			// Metadata may hold secrets.
			return "Component[type=" + this.type + ", required=" + this.required + ", metadata="
					+ this.metadata.keySet() + "]";
		}

	}

	/**
	 * Where a setting of a component comes from.
	 *
	 * @param secretStore Name of the component that is the secret store.
	 * @param name Name of the secret in the store. Without it, that of the key.
	 * @param key Key of the value in the secret. Without it, the name of the secret.
	 */
	@ConfigurationPropertiesSource
	public record MetadataFrom(@Nullable String secretStore, @Nullable String name, @Nullable String key) {
	}

	/**
	 * Who may be a component.
	 *
	 * @param allowedUids Numeric ids of users, besides the application's own and root,
	 * whose processes may be components.
	 */
	public record Security(@DefaultValue Set<Long> allowedUids) {
	}

	/**
	 * How the health of components is found out.
	 *
	 * @param probeInterval How often a healthy endpoint is probed.
	 * @param probeTimeout How long a probe may take before the endpoint counts as hung.
	 */
	public record Health(@DefaultValue("10s") Duration probeInterval, @DefaultValue("1s") Duration probeTimeout) {
	}

	/**
	 * How sockets are spoken to.
	 *
	 * @param type Transport to use. The default takes the best that works on the machine.
	 */
	public record Transport(@DefaultValue("auto") TransportType type) {
	}

	/**
	 * A process that the application launches.
	 *
	 * @param command Program and its arguments, as a list.
	 * @param environment Environment of the process.
	 * @param workingDirectory Where the process runs. Without a value it is a private
	 * directory that is deleted when the process has ended.
	 * @param protocol How the process says where it can be reached.
	 * @param handshake What the two sides of go-plugin must agree on.
	 * @param autoMtls Whether connections are encrypted and both sides prove who they
	 * are, by certificates made for each process.
	 * @param checksum What the program's file must hash to, such as sha256: and 64
	 * hexadecimal digits. Without a value it is not checked.
	 * @param startTimeout How long a process may take until it is ready.
	 * @param stopTimeout How long a process may take to end before it is killed.
	 * @param restart What becomes of a process that has ended or hangs.
	 * @param logLevel Least level of the process's lines that are logged.
	 * @param reattach A process that somebody else has started, instead of a command.
	 * @param required Whether the application cannot do its work without the plugin. The
	 * start waits for a required plugin, and it counts for readiness.
	 */
	@ConfigurationPropertiesSource
	public record Plugin(@DefaultValue List<String> command, @DefaultValue PluginEnvironment environment,
			@Nullable String workingDirectory, @Nullable PluginProtocol protocol,
			@DefaultValue PluginHandshake handshake, @Nullable Boolean autoMtls, @Nullable String checksum,
			@Nullable Duration startTimeout, @Nullable Duration stopTimeout, @DefaultValue PluginRestart restart,
			@Nullable Level logLevel, @Nullable PluginReattach reattach, @Nullable Boolean required) {

		@Override
		public String toString() {
			// Arguments may hold secrets.
			return "Plugin[command=" + this.command.stream().limit(1).toList() + ", environment=" + this.environment
					+ ", protocol=" + this.protocol + ", required=" + this.required + "]";
		}

	}

	/**
	 * Environment of a process. It gets nothing of the application's own but what is
	 * listed.
	 *
	 * @param inherit Names of variables that the process gets from the application. One
	 * name may be *, for all.
	 * @param variables Further variables by their names. They win.
	 */
	public record PluginEnvironment(@Nullable Set<String> inherit, @DefaultValue Map<String, String> variables) {

		@Override
		public String toString() {
			// Values may be secrets.
			return "PluginEnvironment[inherit=" + this.inherit + ", variables=" + this.variables.keySet() + "]";
		}

	}

	/**
	 * What the two sides of go-plugin must agree on.
	 *
	 * @param cookieKey Name of the environment variable that tells a program that it is
	 * started as a plugin.
	 * @param cookieValue Value of that variable.
	 * @param protocolVersions Versions of the application's protocol that it speaks.
	 */
	public record PluginHandshake(@Nullable String cookieKey, @Nullable String cookieValue,
			@Nullable Set<Integer> protocolVersions) {
	}

	/**
	 * What becomes of a process that has ended or hangs.
	 *
	 * @param policy Whether it is started again.
	 * @param initialDelay Delay before the first restart. It doubles from one to the
	 * next.
	 * @param maxDelay Longest delay.
	 * @param jitter Largest part of a delay, from 0 to 1, by which it is made longer or
	 * shorter at random.
	 * @param crashLoopCount How many crashes within the window make the plugin fail. Zero
	 * for no limit.
	 * @param crashLoopWindow Window in which crashes are counted.
	 * @param resetAfter How long a process must run for the delay to begin anew.
	 * @param hangTimeout How long a process may leave health checks unanswered before it
	 * counts as hung and is killed. Zero for ever.
	 */
	public record PluginRestart(RestartSettings.@Nullable Policy policy, @Nullable Duration initialDelay,
			@Nullable Duration maxDelay, @Nullable Double jitter, @Nullable Integer crashLoopCount,
			@Nullable Duration crashLoopWindow, @Nullable Duration resetAfter, @Nullable Duration hangTimeout) {
	}

	/**
	 * A process that somebody else has started, such as a debugger.
	 *
	 * @param network What the address is: unix or tcp.
	 * @param address Path of the socket, or host and port.
	 * @param pid Id of the process.
	 * @param protocolVersion Version of the application's protocol that it speaks.
	 * @param test Whether the process is left alone when the plugin is stopped.
	 */
	public record PluginReattach(@DefaultValue("unix") String network, @Nullable String address, @Nullable Long pid,
			@Nullable Integer protocolVersion, @DefaultValue("false") boolean test) {
	}

}
