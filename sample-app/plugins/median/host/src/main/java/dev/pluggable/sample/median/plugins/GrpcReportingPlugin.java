package dev.pluggable.sample.median.plugins;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import dev.pluggable.ComponentClient;
import dev.pluggable.remote.RemoteObject;
import dev.pluggable.sample.proto.median.v1.MedianProto;
import dev.pluggable.sample.proto.median.v1.ReportingPluginFactoryGrpc;
import dev.pluggable.sample.proto.median.v1.ReportingPluginGrpc;

/**
 * Proxy of a reporting plugin.
 */
final class GrpcReportingPlugin extends GrpcPluginObject implements ReportingPlugin {

	GrpcReportingPlugin(ComponentClient factory, MedianProvider provider, String contractId, ContractConfig config) {
		super(factory, "reporting plugin " + contractId, (creation) -> create(creation, provider, config));
	}

	/**
	 * Create the reporting plugin. The call may wait for the provider; after a failure,
	 * the object tries the creation again.
	 */
	private static int create(RemoteObject.Creation creation, MedianProvider provider, ContractConfig config) {
		MedianProto.NewReportingPluginRequest request = MedianProto.NewReportingPluginRequest.newBuilder()
			.setConfigDigest(ByteString.copyFrom(provider.configDigest(config)))
			.setF(config.faulty())
			.build();
		return ReportingPluginFactoryGrpc.newBlockingStub(creation.channel())
			.newReportingPlugin(request)
			.getReportingPluginId();
	}

	@Override
	public byte[] query(ReportTimestamp timestamp) {
		MedianProto.QueryRequest request = MedianProto.QueryRequest.newBuilder()
			.setTimestamp(timestamp.toProto())
			.build();
		return call(ReportingPluginGrpc.getQueryMethod(), request).getQuery().toByteArray();
	}

	@Override
	public byte[] observation(ReportTimestamp timestamp, byte[] query) {
		MedianProto.ObservationRequest request = MedianProto.ObservationRequest.newBuilder()
			.setTimestamp(timestamp.toProto())
			.setQuery(ByteString.copyFrom(query))
			.build();
		return call(ReportingPluginGrpc.getObservationMethod(), request).getObservation().toByteArray();
	}

	@Override
	public Optional<Report> report(ReportTimestamp timestamp, byte[] query, List<byte[]> observations) {
		MedianProto.ReportRequest.Builder request = MedianProto.ReportRequest.newBuilder()
			.setTimestamp(timestamp.toProto())
			.setQuery(ByteString.copyFrom(query));
		for (int observer = 0; observer < observations.size(); observer++) {
			request.addObservations(MedianProto.AttributedObservation.newBuilder()
				.setObservation(ByteString.copyFrom(observations.get(observer)))
				.setObserver(observer));
		}
		MedianProto.ReportReply reply = call(ReportingPluginGrpc.getReportMethod(), request.build());
		return reply.getShouldReport() ? Optional.of(Report.parse(reply.getReport())) : Optional.empty();
	}

	@Override
	public TransmissionWatch watchTransmissions(Consumer<Transmission> listener) {
		Objects.requireNonNull(listener, "listener");
		return TransmissionWatch.begin(client(), listener);
	}

}
