package dev.pluggable.plugin;

import java.util.List;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import io.grpc.Attributes;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ServerServiceDefinition;

/**
 * Further connections to one process of a plugin, in both directions (service
 * {@code plugin.GRPCBroker}). A number means something to that process only, and only
 * until it is used. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface PluginBroker {

	/**
	 * Where {@link dev.pluggable.ComponentGeneration#attributes()} has the broker of a
	 * launched plugin.
	 */
	Attributes.Key<PluginBroker> KEY = Attributes.Key.create("dev.pluggable.plugin.broker");

	/**
	 * Where {@link dev.pluggable.ComponentGeneration#attributes()} has the version of the
	 * application's protocol that was agreed on with a launched plugin.
	 */
	Attributes.Key<Integer> PROTOCOL_VERSION = Attributes.Key.create("dev.pluggable.plugin.protocol-version");

	/**
	 * Serve to the plugin.
	 * @param name what it is for, to be shown
	 * @param services what is served, all on one connection
	 * @return the server, whose id goes to the plugin in a call of its own
	 * @throws PluginException if the process has ended or the socket cannot be made
	 */
	BrokeredServer serve(String name, List<ServerServiceDefinition> services);

	/**
	 * Hand on whatever can be called on a channel, without knowing any of it.
	 * @param name what it is for, to be shown
	 * @param target where the calls go
	 * @return the server, whose id goes to the plugin in a call of its own
	 * @throws PluginException if the process has ended or the socket cannot be made
	 */
	BrokeredServer proxy(String name, Channel target);

	/**
	 * Hand on a component of this plugin or another, or what it has created, without
	 * knowing any of it. Calls go to whichever process is current, and wait for it like
	 * those of the application, but no thread does.
	 * @param name what it is for, to be shown
	 * @param target where the calls go
	 * @return the server, whose id goes to the plugin in a call of its own
	 * @throws PluginException if the process has ended or the socket cannot be made
	 */
	BrokeredServer proxy(String name, ComponentClient target);

	/**
	 * Connect to what the plugin serves. Waits for the plugin's announcement for at most
	 * 5 s, as the number may arrive before it. Does not block.
	 * @param name what it is for, to be shown
	 * @param id the number that the plugin gave
	 * @return completes with a channel that is one connection, to be shut down by the
	 * caller
	 */
	CompletionStage<ManagedChannel> dial(String name, int id);

	/**
	 * What the application serves to the plugin.
	 * @return the connections, ordered by number
	 */
	List<BrokeredConnection> served();

	/**
	 * What the plugin serves to the application.
	 * @return the connections, ordered by number
	 */
	List<BrokeredConnection> dialed();

}
