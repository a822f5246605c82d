package dev.pluggable.sample.median.plugins;

import java.util.Objects;
import java.util.Optional;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.pluggable.ComponentClient;
import dev.pluggable.remote.RemoteObject;
import dev.pluggable.sample.proto.median.v1.MedianContractGrpc;
import dev.pluggable.sample.proto.median.v1.MedianProto;
import dev.pluggable.sample.proto.median.v1.OffchainConfigDigesterGrpc;
import dev.pluggable.sample.proto.median.v1.RelayerGrpc;

/**
 * Proxy of a provider. The provider has several services on one connection, and the proxy
 * has a stub for each of them.
 */
final class GrpcMedianProvider extends GrpcPluginObject implements MedianProvider {

	GrpcMedianProvider(ComponentClient relayer, String contractId) {
		super(relayer, "provider " + contractId, (creation) -> create(creation, contractId));
	}

	private static int create(RemoteObject.Creation creation, String contractId) {
		return RelayerGrpc.newBlockingStub(creation.channel())
			.newProvider(MedianProto.NewProviderRequest.newBuilder().setContractId(contractId).build())
			.getProviderId();
	}

	@Override
	public byte[] configDigest(ContractConfig config) {
		Objects.requireNonNull(config, "config");
		MedianProto.ContractConfig request = MedianProto.ContractConfig.newBuilder()
			.setF(config.faulty())
			.setOffchainConfig(ByteString.copyFromUtf8(config.offchainConfig()))
			.build();
		return call(OffchainConfigDigesterGrpc.getConfigDigestMethod(), request).getConfigDigest().toByteArray();
	}

	@Override
	public Optional<Transmission> latestTransmission() {
		MedianProto.LatestTransmissionReply reply = call(MedianContractGrpc.getLatestTransmissionMethod(),
				Empty.getDefaultInstance());
		return reply.hasTransmission() ? Optional.of(Transmission.of(reply.getTransmission())) : Optional.empty();
	}

}
