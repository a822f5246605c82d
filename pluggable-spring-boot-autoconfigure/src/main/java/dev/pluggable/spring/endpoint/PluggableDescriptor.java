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
 * A snapshot of the host, and of the components that the application itself serves.
 *
 * @param transport the transport, {@code null} without a host
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
	 * The transport that connects sockets.
	 *
	 * @param type the transport in use
	 * @param unavailable why transports that would have come first are not in use, by
	 * transport
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
	 * @param path its path
	 * @param state whether it could be read
	 * @param reason what is wrong with it, {@code null} if nothing is
	 * @param watched whether the operating system tells of changes
	 * @param sockets sockets that may be components
	 * @param skipped entries that cannot be
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
	 * A socket that may be a component.
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
	 * Something in a folder that cannot be a component.
	 *
	 * @param entry name of the entry
	 * @param reason why it is skipped
	 */
	public record SkippedDescriptor(String entry, String reason) {

		static SkippedDescriptor of(SkippedEntry skipped) {
			return new SkippedDescriptor(skipped.entry(), skipped.reason());
		}

	}

	/**
	 * An endpoint.
	 *
	 * @param name its name
	 * @param socket path of its socket, {@code null} while there is none
	 * @param state its state
	 * @param reason why it is not ready, {@code null} if it is
	 * @param since when the state was entered
	 * @param generation number of the current or last connection, 0 before the first
	 * @param transport how it is spoken to
	 * @param peer who is at the other end, {@code null} while not connected
	 * @param reconnects how often a connection was made again after the first
	 * @param lastError the last failure, kept after recovery; {@code null} if there was
	 * none
	 * @param services full names of the gRPC services found
	 * @param conflicts why kinds that it offers are not published, by kind
	 * @param components ids of the components on it
	 * @param probe outcome of the last health probe
	 */
	public record EndpointDescriptor(String name, @Nullable String socket, EndpointState state, @Nullable String reason,
			Instant since, long generation, String transport, @Nullable PeerDescriptor peer, long reconnects,
			@Nullable String lastError, Set<String> services, Map<String, String> conflicts, List<String> components,
			ProbeDescriptor probe) {

		static EndpointDescriptor of(ComponentHost host, EndpointStatus status, List<Component<?>> components) {
			PeerCredentials peer = status.peer();
			List<String> ids = components.stream()
				.filter((component) -> status.name().equals(component.endpoint()))
				.map(Component::id)
				.toList();
			return new EndpointDescriptor(status.name(), Objects.toString(status.socket(), null), status.state(),
					status.reason(), status.since(), status.generation(), text(host.transport()),
					(peer != null) ? PeerDescriptor.of(peer) : null, status.reconnects(), status.lastError(),
					new TreeSet<>(status.services()), new TreeMap<>(host.conflicts(status.name())), ids,
					ProbeDescriptor.of(status.probe()));
		}

	}

	/**
	 * The process at the other end of a socket.
	 *
	 * @param uid numeric user id, {@code null} if the transport does not tell it
	 * @param pid process id, {@code null} if the transport does not tell it
	 * @param user name of the user, {@code null} if the transport does not tell it
	 */
	public record PeerDescriptor(@Nullable Long uid, @Nullable Long pid, @Nullable String user) {

		static PeerDescriptor of(PeerCredentials peer) {
			return new PeerDescriptor((peer.uid() >= 0) ? peer.uid() : null, peer.pid(), peer.user());
		}

	}

	/**
	 * A component.
	 *
	 * @param id its id, unique among the components of all kinds
	 * @param name its name, unique among the components of its kind
	 * @param kind its kind
	 * @param type its type
	 * @param features what it said it can do
	 * @param state its state
	 * @param reason why it is not ready, or what is wrong although it is; {@code null} if
	 * all is well
	 * @param declared whether the application declared it
	 * @param required whether the application cannot do its work without it
	 * @param builtIn whether it is part of the application's process
	 * @param endpoint name of its endpoint, {@code null} if it is built in
	 * @param generation number of the connection on which it was initialised
	 * @param since when the state was entered
	 * @param probe outcome of the last health probe
	 * @param bean name of the bean, {@code null} if it is none
	 * @param beanProblem what is wrong with its publication as a bean, {@code null} if
	 * nothing is
	 */
	public record ComponentDescriptor(String id, String name, String kind, String type, Set<String> features,
			ComponentState state, @Nullable String reason, boolean declared, boolean required, boolean builtIn,
			@Nullable String endpoint, long generation, Instant since, ProbeDescriptor probe, @Nullable String bean,
			@Nullable String beanProblem) implements OperationResponseBody {

		static ComponentDescriptor of(Component<?> component, @Nullable ComponentBeans beans) {
			ComponentStatus status = component.status();
			return new ComponentDescriptor(component.id(), component.name(), component.kind().name(),
					component.type().toString(), new TreeSet<>(status.features()), status.state(), status.reason(),
					component.declared(), component.required(), component.endpoint() == null, component.endpoint(),
					status.generation(), status.since(), ProbeDescriptor.of(status.probe()),
					(beans != null) ? beans.beanName(component).orElse(null) : null,
					(beans != null) ? beans.problem(component).orElse(null) : null);
		}

	}

	/**
	 * A listener method.
	 *
	 * @param id its id
	 * @param method the class and the method
	 * @param type what it listens to: {@code PubSub} or {@code InputBinding}
	 * @param component name of the component, {@code null} if it is not known or no
	 * component
	 * @param topic the topic, {@code null} for bindings
	 * @param state whether it takes messages
	 * @param reason why it does not, although it should; {@code null} if all is well
	 * @param stream what is known of its stream, {@code null} if it has none
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
	 * @param reason why they do not, {@code null} if they do
	 * @param generation number of the connection that it is on, 0 if it is on none
	 * @param since when the state was entered
	 * @param reconnects how often it was made anew
	 * @param received how many messages were received
	 * @param inFlight how many messages are being handled or wait for it
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
	 * @param health what was found
	 * @param detail how it was found out or what went wrong, {@code null} if there is
	 * nothing to say
	 * @param at when the probe ended, {@code null} if there was none yet
	 */
	public record ProbeDescriptor(ProbeResult.Health health, @Nullable String detail, @Nullable Instant at) {

		static ProbeDescriptor of(ProbeResult probe) {
			return new ProbeDescriptor(probe.health(), probe.detail(), probe.at());
		}

	}

	/**
	 * A socket that the application serves.
	 *
	 * @param name its name
	 * @param socket its path
	 * @param reachable whether the file of the socket is there and ours
	 * @param transport how it is spoken to
	 * @param kinds what is served on it, by the names of the kinds
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
	 * A bean that the application serves as one kind.
	 *
	 * @param bean name of the bean, {@code null} if a customizer added the kind
	 * @param instances names of the components that hosts have initialised
	 */
	public record ServedDescriptor(@Nullable String bean, Set<String> instances) {
	}

	/**
	 * A launched plugin.
	 *
	 * @param name its name, which is also that of its endpoint
	 * @param state its state
	 * @param reason why it is not ready, or what is wrong although it is; {@code null} if
	 * all is well
	 * @param since when the state was entered
	 * @param pid id of its process, {@code null} if there is none
	 * @param launches number of processes so far, this one included
	 * @param restarts how often a process was started again after a crash
	 * @param startedAt when the process was started, {@code null} if there is none
	 * @param protocol how it says where it can be reached
	 * @param protocolVersion version of the application's protocol that both speak,
	 * {@code null} if it is not known
	 * @param tls whether the connections are encrypted and both sides proven
	 * @param checksumVerified whether the file of the program was checked before it was
	 * run
	 * @param lastExitCode exit code of the last process that ended, {@code null} before
	 * the first
	 * @param lastOutput last lines that it wrote to standard error, secrets masked
	 * @param served what the application serves to the process
	 * @param dialed what the process serves to the application besides its main
	 * connection
	 * @param answering whether there is a process in use that answers health checks
	 * @param required whether the application cannot do its work without it
	 */
	public record PluginDescriptor(String name, PluginState state, @Nullable String reason, Instant since,
			@Nullable Long pid, int launches, int restarts, @Nullable Instant startedAt, PluginProtocol protocol,
			@Nullable Integer protocolVersion, boolean tls, boolean checksumVerified, @Nullable Integer lastExitCode,
			List<String> lastOutput, List<BrokeredDescriptor> served, List<BrokeredDescriptor> dialed,
			boolean answering, boolean required) implements OperationResponseBody {

		static PluginDescriptor of(PluginStatus status) {
			return new PluginDescriptor(status.name(), status.state(), status.reason(), status.since(), status.pid(),
					status.launches(), status.restarts(), status.startedAt(), status.protocol(),
					status.protocolVersion(), status.tls(), status.checksumVerified(), status.lastExitCode(),
					status.lastOutput(), status.served().stream().map(BrokeredDescriptor::of).toList(),
					status.dialed().stream().map(BrokeredDescriptor::of).toList(), status.answering(),
					status.required());
		}

	}

	/**
	 * A connection between the application and a plugin besides the main one.
	 *
	 * @param id its number, counted from 1 by the side that serves it
	 * @param name what it is for
	 * @param since when it was made
	 */
	public record BrokeredDescriptor(int id, String name, Instant since) {

		static BrokeredDescriptor of(BrokeredConnection connection) {
			return new BrokeredDescriptor(connection.id(), connection.name(), connection.since());
		}

	}

}
