package dev.pluggable.sample.median.plugins;

import java.util.Objects;

import com.google.protobuf.Empty;
import dev.pluggable.ComponentClient;
import dev.pluggable.remote.RemoteObject;
import dev.pluggable.sample.proto.median.v1.KeystoreGrpc;
import dev.pluggable.sample.proto.median.v1.MedianProto;
import dev.pluggable.sample.proto.median.v1.PluginRelayerGrpc;
import dev.pluggable.sample.proto.median.v1.RelayerGrpc;

/**
 * Proxy of a relayer.
 */
final class GrpcRelayer extends GrpcPluginObject implements Relayer {

	GrpcRelayer(ComponentClient plugin, String config) {
		super(plugin, "relayer", (creation) -> create(creation, config));
	}

	private static int create(RemoteObject.Creation creation, String config) {
		int keystore = creation.offer(KeystoreGrpc.SERVICE_NAME);
		return PluginRelayerGrpc.newBlockingStub(creation.channel())
			.newRelayer(MedianProto.NewRelayerRequest.newBuilder().setConfig(config).setKeystoreId(keystore).build())
			.getRelayerId();
	}

	@Override
	public ChainInfo chainInfo() {
		MedianProto.ChainInfo info = call(RelayerGrpc.getGetChainInfoMethod(), Empty.getDefaultInstance());
		return new ChainInfo(info.getNetwork(), info.getAccount());
	}

	@Override
	public MedianProvider newProvider(String contractId) {
		Objects.requireNonNull(contractId, "contractId");
		return new GrpcMedianProvider(client(), contractId);
	}

}
