package dev.pluggable.plugin;

import java.util.List;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import io.grpc.Attributes;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ServerServiceDefinition;

/**
 * Additional connections to one process of a plugin, in both directions (service
 * {@code plugin.GRPCBroker}). An id is valid for one connection, and only for that
 * process and for the process by which the application replaces it. Safe for use by many
 * threads.
 *
 * @since 0.1.0
 */
public interface PluginBroker {

	/**
	 * Key of the broker in {@link dev.pluggable.ComponentGeneration#attributes()}, and in
	 * the attributes of each call that a plugin makes on a brokered connection. Only the
	 * generations of a launched go-plugin have this attribute.
	 */
	Attributes.Key<PluginBroker> KEY = Attributes.Key.create("dev.pluggable.plugin.broker");

	/**
	 * Key of the negotiated version of the application's protocol in
	 * {@link dev.pluggable.ComponentGeneration#attributes()}.
	 */
	Attributes.Key<Integer> PROTOCOL_VERSION = Attributes.Key.create("dev.pluggable.plugin.protocol-version");

	/**
	 * Key of the plugin's name in the attributes of each call that a plugin makes on a
	 * brokered connection. A server interceptor reads them by
	 * {@link io.grpc.ServerCall#getAttributes()}.
	 */
	Attributes.Key<String> PLUGIN = Attributes.Key.create("dev.pluggable.plugin.name");

	/**
	 * Key of the purpose of the connection in the attributes of each call that a plugin
	 * makes on a brokered connection.
	 */
	Attributes.Key<String> CONNECTION = Attributes.Key.create("dev.pluggable.plugin.connection");

	/**
	 * Serve services to the plugin.
	 * @param name purpose of the connection, for the status
	 * @param services the services, all on one connection
	 * @return the server; the caller sends its id to the plugin
	 * @throws PluginException if the process has ended or if the socket cannot be created
	 */
	BrokeredServer serve(String name, List<ServerServiceDefinition> services);

	/**
	 * Serve services to the plugin under an id that the plugin demands. The application
	 * gives ids from 100 to all other connections. A server with a demanded id is not
	 * handed over to the process that replaces this one, since that process demands it as
	 * well.
	 * @param name purpose of the connection, for the status
	 * @param id the id, not 0
	 * @param services the services, all on one connection
	 * @return the server
	 * @throws PluginException if the application already serves the id to the process, if
	 * the process has ended or if the socket cannot be created
	 */
	BrokeredServer serve(String name, int id, List<ServerServiceDefinition> services);

	/**
	 * Forward all calls of the plugin to a channel, whatever their services are.
	 * @param name purpose of the connection, for the status
	 * @param target target of the calls
	 * @return the server; the caller sends its id to the plugin
	 * @throws PluginException if the process has ended or if the socket cannot be created
	 */
	BrokeredServer proxy(String name, Channel target);

	/**
	 * Forward all calls of the plugin to a component of this or another plugin, or to a
	 * remote object, whatever their services are. A call goes to the current process of
	 * the target, and waits for a process like a call of the application. A waiting call
	 * holds no thread.
	 * @param name purpose of the connection, for the status
	 * @param target target of the calls
	 * @return the server; the caller sends its id to the plugin
	 * @throws PluginException if the process has ended or if the socket cannot be created
	 */
	BrokeredServer proxy(String name, ComponentClient target);

	/**
	 * Forward all calls of the plugin to a component or a remote object under an id that
	 * the plugin demands, as {@link #serve(String, int, List)} does.
	 * @param name purpose of the connection, for the status
	 * @param id the id, not 0
	 * @param target target of the calls
	 * @return the server
	 * @throws PluginException if the application already serves the id to the process, if
	 * the process has ended or if the socket cannot be created
	 */
	BrokeredServer proxy(String name, int id, ComponentClient target);

	/**
	 * Connect to a server of the plugin. The id may arrive before the plugin's
	 * announcement of the server, so the connection waits up to 5 seconds for the
	 * announcement. Does not block.
	 * @param name purpose of the connection, for the status
	 * @param id id of the server, which the plugin has sent
	 * @return completes with a channel that consists of one connection; the caller shuts
	 * the channel down. Fails with a {@link PluginException} if there is no connection
	 */
	CompletionStage<ManagedChannel> dial(String name, int id);

	/**
	 * Connections that the application serves.
	 * @return a copy, ordered by id
	 */
	List<BrokeredConnection> served();

	/**
	 * Connections that the plugin serves.
	 * @return a copy, ordered by id
	 */
	List<BrokeredConnection> dialed();

}
