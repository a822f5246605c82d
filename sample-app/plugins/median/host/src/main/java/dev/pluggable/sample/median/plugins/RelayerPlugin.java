package dev.pluggable.sample.median.plugins;

import dev.pluggable.ComponentKind;
import dev.pluggable.sample.proto.median.v1.PluginRelayerGrpc;

/**
 * A plugin that gives access to a chain. An application injects this interface for a
 * launched process that serves {@code sample.median.v1.PluginRelayer}.
 *
 * @since 0.1.0
 */
public interface RelayerPlugin {

	/**
	 * The kind: a process that serves {@code sample.median.v1.PluginRelayer} on its main
	 * connection.
	 */
	ComponentKind<RelayerPlugin> KIND = ComponentKind.of("relayer", RelayerPlugin.class, PluginRelayerGrpc.SERVICE_NAME,
			GrpcRelayerPlugin::new);

	/**
	 * Create the relayer of the plugin, which has one relayer. The relayer gets the
	 * keystore of the application, which must be a host service. This method does not
	 * wait.
	 * @param config a JSON object: {@code network}, required, is the name of the chain;
	 * {@code account} is the account of the keystore that signs, by default the first
	 * @return the relayer, to be closed by the caller
	 */
	Relayer newRelayer(String config);

}
