package dev.pluggable.spring.endpoint;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ProbeResult;
import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.discovery.SkippedEntry;
import dev.pluggable.discovery.SocketFile;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.PluginGuard;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.listener.ListenerStatus;
import dev.pluggable.spring.server.ComponentServers;
import dev.pluggable.spring.server.ComponentServers.ServedSocket;
import dev.pluggable.stream.StreamStatus;
import dev.pluggable.transport.PeerCredentials;
import dev.pluggable.transport.TransportType;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * Description of the host and of the components that the application serves, at one
 * moment.
 *
 * @param transport transport of the host, {@code null} without a host
 * @param folders the watched folders, in order of precedence
 * @param endpoints the endpoints, ordered by name
 * @param components the components, ordered by kind and name
 * @param listeners the listener methods, ordered by id
 * @param servers the sockets that the application serves, ordered by name
 * @param plugins the launched plugins, ordered by name
 * @since 0.1.0
 */
public record PluggableDescriptor(@Nullable TransportDescriptor transport, List<FolderDescriptor> folders,
		List<EndpointDescriptor> endpoints, List<ComponentDescriptor> components, List<ListenerDescriptor> listeners,
		List<ServerDescriptor> servers, List<PluginDescriptor> plugins) implements OperationResponseBody {

	static PluggableDescriptor of(@Nullable ComponentHost host, @Nullable ComponentBeans beans,
			@Nullable ListenerRegistry listeners, @Nullable ComponentServers servers, @Nullable Plugins plugins) {
		List<ServerDescriptor> served = (servers != null)
				? servers.sockets().stream().map(ServerDescriptor::of).toList() : List.of();
		if (host == null) {
			return new PluggableDescriptor(null, List.of(), List.of(), List.of(), List.of(), served, List.of());
		}
		List<Component<?>> components = host.registry().components();
		return new PluggableDescriptor(TransportDescriptor.of(host),
				host.folders().stream().map(FolderDescriptor::of).toList(),
				host.endpoints().stream().map((status) -> EndpointDescriptor.of(host, status, components)).toList(),
				components.stream().map((component) -> ComponentDescriptor.of(component, beans)).toList(),
				(listeners != null) ? listeners.listeners().stream().map(ListenerDescriptor::of).toList() : List.of(),
				served, (plugins != null) ? plugins.statuses().stream().map(PluginDescriptor::of).toList() : List.of());
	}

	private static String text(TransportType type) {
		return type.name().toLowerCase(Locale.ROOT);
	}

	/**
	 * The transport for Unix domain sockets.
	 *
	 * @param type the transport in use
	 * @param unavailable why the host does not use preferred transports, by transport
	 */
	public record TransportDescriptor(String type, Map<String, String> unavailable) {

		static TransportDescriptor of(ComponentHost host) {
			Map<String, String> unavailable = new TreeMap<>();
			host.unavailableTransports().forEach((type, reason) -> unavailable.put(text(type), reason));
			return new TransportDescriptor(text(host.transport()), unavailable);
		}

	}

	/**
	 * A watched folder.
	 *
	 * @param path path of the folder
	 * @param state whether the host could read the folder
	 * @param reason the problem of the folder, {@code null} without a problem
	 * @param watched whether the operating system reports changes
	 * @param sockets sockets that may serve components
	 * @param skipped entries that cannot serve components
	 */
	public record FolderDescriptor(String path, FolderStatus.State state, @Nullable String reason, boolean watched,
			List<SocketDescriptor> sockets, List<SkippedDescriptor> skipped) {

		static FolderDescriptor of(FolderStatus folder) {
			return new FolderDescriptor(folder.folder().toString(), folder.state(), folder.reason(), folder.watched(),
					folder.sockets().stream().map(SocketDescriptor::of).toList(),
					folder.skipped().stream().map(SkippedDescriptor::of).toList());
		}

	}

	/**
	 * A socket that may serve components.
	 *
	 * @param endpoint name of the endpoint
	 * @param path path of the socket
	 */
	public record SocketDescriptor(String endpoint, String path) {

		static SocketDescriptor of(SocketFile socket) {
			return new SocketDescriptor(socket.name(), socket.path().toString());
		}

	}

	/**
	 * An entry of a folder that cannot serve components.
	 *
	 * @param entry name of the entry
	 * @param reason why the host skips the entry
	 */
	public record SkippedDescriptor(String entry, String reason) {

		static SkippedDescriptor of(SkippedEntry skipped) {
			return new SkippedDescriptor(skipped.entry(), skipped.reason());
		}

	}

	/**
	 * An endpoint.
	 *
	 * @param name name of the endpoint
	 * @param socket path of the socket, {@code null} while the socket does not exist
	 * @param address path of the socket, or host and port of a plugin on TCP;
	 * {@code null} while there is neither
	 * @param state state of the endpoint
	 * @param reason why the endpoint is not ready, {@code null} if the endpoint is ready
	 * @param since when the state was entered
	 * @param generation number of the current or last connection, 0 before the first
	 * @param transport transport of the connection
	 * @param peer the process at the other end, {@code null} while not connected
	 * @param reconnects number of connections after the first
	 * @param lastError the last failure, which remains after recovery; {@code null}
	 * before the first failure
	 * @param services full names of the gRPC services of the endpoint
	 * @param conflicts why the host does not publish kinds that the endpoint offers, by
	 * kind
	 * @param components ids of the components of the endpoint
	 * @param probe outcome of the last health probe
	 */
	public record EndpointDescriptor(String name, @Nullable String socket, @Nullable String address,
			EndpointState state, @Nullable String reason, Instant since, long generation, String transport,
			@Nullable PeerDescriptor peer, long reconnects, @Nullable String lastError, Set<String> services,
			Map<String, String> conflicts, List<String> components, ProbeDescriptor probe) {

		static EndpointDescriptor of(ComponentHost host, EndpointStatus status, List<Component<?>> components) {
			PeerCredentials peer = status.peer();
			List<String> ids = components.stream()
				.filter((component) -> status.name().equals(component.endpoint()))
				.map(Component::id)
				.toList();
			return new EndpointDescriptor(status.name(), Objects.toString(status.socket(), null), status.address(),
					status.state(), status.reason(), status.since(), status.generation(), text(host.transport()),
					(peer != null) ? PeerDescriptor.of(peer) : null, status.reconnects(), status.lastError(),
					new TreeSet<>(status.services()), new TreeMap<>(host.conflicts(status.name())), ids,
					ProbeDescriptor.of(status.probe()));
		}

	}

	/**
	 * The process at the other end of a socket.
	 *
	 * @param uid numeric user id, {@code null} if the transport does not report it
	 * @param pid process id, {@code null} if the transport does not report it
	 * @param user name of the user, {@code null} if the transport does not report it
	 */
	public record PeerDescriptor(@Nullable Long uid, @Nullable Long pid, @Nullable String user) {

		static PeerDescriptor of(PeerCredentials peer) {
			return new PeerDescriptor((peer.uid() >= 0) ? peer.uid() : null, peer.pid(), peer.user());
		}

	}

	/**
	 * A component.
	 *
	 * @param id id of the component, unique among the components of all kinds
	 * @param name name of the component, unique among the components of its kind
	 * @param kind kind of the component
	 * @param type type of the component
	 * @param features features that the component reports
	 * @param state state of the component
	 * @param reason why the component is not ready, or the problem of a ready component;
	 * {@code null} without a problem
	 * @param declared whether the application declares the component
	 * @param required whether the application requires the component
	 * @param builtIn whether the component runs in the process of the application
	 * @param endpoint name of the endpoint, {@code null} for a built-in component
	 * @param generation number of the connection on which the host initialized the
	 * component
	 * @param since when the state was entered
	 * @param probe outcome of the last health probe
	 * @param bean name of the bean, {@code null} if the component is not a bean
	 * @param beanProblem why the bean does not have the id of the component as its name,
	 * {@code null} without a problem
	 * @param contractProblems how the contract of the process differs from the one of the
	 * application, empty without a difference
	 */
	public record ComponentDescriptor(String id, String name, String kind, String type, Set<String> features,
			ComponentState state, @Nullable String reason, boolean declared, boolean required, boolean builtIn,
			@Nullable String endpoint, long generation, Instant since, ProbeDescriptor probe, @Nullable String bean,
			@Nullable String beanProblem, List<String> contractProblems) implements OperationResponseBody {

		static ComponentDescriptor of(Component<?> component, @Nullable ComponentBeans beans) {
			ComponentStatus status = component.status();
			return new ComponentDescriptor(component.id(), component.name(), component.kind().name(),
					component.type().toString(), new TreeSet<>(status.features()), status.state(), status.reason(),
					component.declared(), component.required(), component.endpoint() == null, component.endpoint(),
					status.generation(), status.since(), ProbeDescriptor.of(status.probe()),
					(beans != null) ? beans.beanName(component).orElse(null) : null,
					(beans != null) ? beans.problem(component).orElse(null) : null, component.contractProblems());
		}

	}

	/**
	 * A listener method.
	 *
	 * @param id id of the listener
	 * @param method the class and the method
	 * @param type interface of the component: {@code PubSub} or {@code InputBinding}
	 * @param component name of the component, {@code null} if the name is unknown or the
	 * listener uses a bean that is no component
	 * @param topic the topic, {@code null} for bindings
	 * @param state whether the listener receives messages
	 * @param reason why the listener does not receive messages although it should,
	 * {@code null} without a problem
	 * @param stream the stream of the listener, {@code null} if the listener has no
	 * stream
	 */
	public record ListenerDescriptor(String id, String method, String type, @Nullable String component,
			@Nullable String topic, ListenerStatus.State state, @Nullable String reason,
			@Nullable StreamDescriptor stream) {

		static ListenerDescriptor of(ListenerStatus status) {
			StreamStatus stream = status.stream();
			return new ListenerDescriptor(status.id(), status.method(), status.type().getSimpleName(),
					status.component(), status.topic(), status.state(), status.reason(),
					(stream != null) ? StreamDescriptor.of(stream) : null);
		}

	}

	/**
	 * A stream of messages.
	 *
	 * @param state whether messages flow
	 * @param reason why messages do not flow, {@code null} while messages flow
	 * @param generation number of the connection of the stream, 0 without a connection
	 * @param since when the state was entered
	 * @param reconnects number of times that the stream was opened again
	 * @param received number of received messages
	 * @param inFlight number of messages that a handler processes or that wait for a
	 * handler
	 */
	public record StreamDescriptor(StreamStatus.State state, @Nullable String reason, long generation, Instant since,
			long reconnects, long received, int inFlight) {

		static StreamDescriptor of(StreamStatus status) {
			return new StreamDescriptor(status.state(), status.reason(), status.generation(), status.since(),
					status.reconnects(), status.received(), status.inFlight());
		}

	}

	/**
	 * Outcome of a health probe.
	 *
	 * @param health result of the probe
	 * @param detail the method of the probe or its failure, {@code null} without a detail
	 * @param at when the probe ended, {@code null} before the first probe
	 */
	public record ProbeDescriptor(ProbeResult.Health health, @Nullable String detail, @Nullable Instant at) {

		static ProbeDescriptor of(ProbeResult probe) {
			return new ProbeDescriptor(probe.health(), probe.detail(), probe.at());
		}

	}

	/**
	 * A socket that the application serves.
	 *
	 * @param name name of the socket, without {@code .sock}
	 * @param socket path of the socket
	 * @param reachable whether the socket file exists and belongs to this server
	 * @param transport transport of the socket
	 * @param kinds the served kinds, by name
	 */
	public record ServerDescriptor(String name, String socket, boolean reachable, String transport,
			Map<String, ServedDescriptor> kinds) {

		static ServerDescriptor of(ServedSocket socket) {
			Map<String, ServedDescriptor> kinds = new TreeMap<>();
			socket.server()
				.instances()
				.forEach((kind, instances) -> kinds.put(kind,
						new ServedDescriptor(socket.beans().get(kind), instances)));
			return new ServerDescriptor(socket.name(), socket.server().socket().toString(),
					socket.server().isReachable(), text(socket.server().transport()), kinds);
		}

	}

	/**
	 * A kind of component that the application serves on a socket.
	 *
	 * @param bean name of the bean, {@code null} if a customizer added the kind
	 * @param instances names of the components that hosts have initialised
	 */
	public record ServedDescriptor(@Nullable String bean, Set<String> instances) {
	}

	/**
	 * A launched plugin.
	 *
	 * @param name name of the plugin and of its endpoint
	 * @param state state of the plugin
	 * @param reason why the plugin is not ready, or the problem of a ready plugin;
	 * {@code null} without a problem
	 * @param since when the state was entered
	 * @param pid id of the process, {@code null} without a process
	 * @param launches number of processes so far, including the current process
	 * @param restarts number of restarts after a crash
	 * @param startedAt when the process started, {@code null} without a process
	 * @param protocol protocol by which the process announces its address
	 * @param protocolVersion version of the application protocol that both sides speak,
	 * {@code null} if the version is unknown
	 * @param tls whether the connections use mutual TLS
	 * @param checksumVerified whether the application verified the checksum of the
	 * program
	 * @param guard the means by which the process and its descendants end with the
	 * application, {@code null} without a process that the application has started
	 * @param lastExitCode exit code of the last process that ended, {@code null} before
	 * the first
	 * @param lastOutput last lines that the process wrote to standard error, with secrets
	 * masked
	 * @param served connections that the application serves to the process
	 * @param dialed connections that the process serves to the application, without the
	 * main connection
	 * @param answering whether the current process answers health checks
	 * @param required whether the application requires the plugin
	 */
	public record PluginDescriptor(String name, PluginState state, @Nullable String reason, Instant since,
			@Nullable Long pid, int launches, int restarts, @Nullable Instant startedAt, PluginProtocol protocol,
			@Nullable Integer protocolVersion, boolean tls, boolean checksumVerified, @Nullable PluginGuard guard,
			@Nullable Integer lastExitCode, List<String> lastOutput, List<BrokeredDescriptor> served,
			List<BrokeredDescriptor> dialed, boolean answering, boolean required) implements OperationResponseBody {

		static PluginDescriptor of(PluginStatus status) {
			return new PluginDescriptor(status.name(), status.state(), status.reason(), status.since(), status.pid(),
					status.launches(), status.restarts(), status.startedAt(), status.protocol(),
					status.protocolVersion(), status.tls(), status.checksumVerified(), status.guard(),
					status.lastExitCode(), status.lastOutput(),
					status.served().stream().map(BrokeredDescriptor::of).toList(),
					status.dialed().stream().map(BrokeredDescriptor::of).toList(), status.answering(),
					status.required());
		}

	}

	/**
	 * A connection between the application and a plugin in addition to the main
	 * connection.
	 *
	 * @param id number of the connection; each side counts the connections that it serves
	 * from 1
	 * @param name purpose of the connection
	 * @param since when the connection was made
	 */
	public record BrokeredDescriptor(int id, String name, Instant since) {

		static BrokeredDescriptor of(BrokeredConnection connection) {
			return new BrokeredDescriptor(connection.id(), connection.name(), connection.since());
		}

	}

}
