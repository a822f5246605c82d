package dev.pluggable.sample.median.plugins;

import java.util.Objects;

import dev.pluggable.ComponentClient;
import dev.pluggable.remote.RemoteObject;
import dev.pluggable.sample.proto.median.v1.DataSourceGrpc;
import dev.pluggable.sample.proto.median.v1.ErrorLogGrpc;
import dev.pluggable.sample.proto.median.v1.MedianProto;
import dev.pluggable.sample.proto.median.v1.PluginMedianGrpc;

/**
 * Proxy of a factory. The provider belongs to another plugin; the application passes its
 * calls on without reading them.
 */
final class GrpcReportingPluginFactory extends GrpcPluginObject implements ReportingPluginFactory {

	private final MedianProvider provider;

	private final String contractId;

	GrpcReportingPluginFactory(ComponentClient plugin, MedianProvider provider, String contractId) {
		super(plugin, "median factory " + contractId, (creation) -> create(creation, provider, contractId));
		this.provider = provider;
		this.contractId = contractId;
	}

	private static int create(RemoteObject.Creation creation, MedianProvider provider, String contractId) {
		MedianProto.NewMedianFactoryRequest request = MedianProto.NewMedianFactoryRequest.newBuilder()
			.setProviderId(creation.proxy("provider " + contractId, provider.client()))
			.setContractId(contractId)
			.setDataSourceId(creation.offer(DataSourceGrpc.SERVICE_NAME))
			.setErrorLogId(creation.offer(ErrorLogGrpc.SERVICE_NAME))
			.build();
		return PluginMedianGrpc.newBlockingStub(creation.channel())
			.newMedianFactory(request)
			.getReportingPluginFactoryId();
	}

	@Override
	public ReportingPlugin newReportingPlugin(ContractConfig config) {
		Objects.requireNonNull(config, "config");
		return new GrpcReportingPlugin(client(), this.provider, this.contractId, config);
	}

}
