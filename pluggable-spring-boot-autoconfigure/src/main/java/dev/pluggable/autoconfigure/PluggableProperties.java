package dev.pluggable.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.transport.TransportType;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
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
 * @since 0.1.0
 */
@ConfigurationProperties("pluggable")
public record PluggableProperties(@Nullable List<String> socketFolders, @Nullable List<String> resources,
		@DefaultValue Application application, @DefaultValue Discovery discovery, @DefaultValue Defaults defaults,
		@DefaultValue Map<String, Component> components, @DefaultValue Security security, @DefaultValue Health health,
		@DefaultValue Transport transport) {

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
	 * @param initialWait How long the start of the application waits for the sockets that
	 * are already there to be identified.
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

}
