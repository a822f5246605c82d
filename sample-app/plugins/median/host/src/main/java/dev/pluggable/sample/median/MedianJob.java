package dev.pluggable.sample.median;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.pluggable.ComponentException;
import dev.pluggable.contract.ContractObject;
import dev.pluggable.remote.RemoteObject;
import dev.pluggable.remote.RemoteObjectStatus;
import dev.pluggable.sample.proto.median.v1.DataSource;
import dev.pluggable.sample.proto.median.v1.ErrorLog;
import dev.pluggable.sample.proto.median.v1.Keystore;
import dev.pluggable.sample.proto.median.v1.MedianProto.AttributedObservation;
import dev.pluggable.sample.proto.median.v1.MedianProto.ContractConfig;
import dev.pluggable.sample.proto.median.v1.MedianProto.NewMedianFactoryRequest;
import dev.pluggable.sample.proto.median.v1.MedianProto.NewProviderRequest;
import dev.pluggable.sample.proto.median.v1.MedianProto.NewRelayerRequest;
import dev.pluggable.sample.proto.median.v1.MedianProto.NewReportingPluginRequest;
import dev.pluggable.sample.proto.median.v1.MedianProto.ObservationRequest;
import dev.pluggable.sample.proto.median.v1.MedianProto.QueryRequest;
import dev.pluggable.sample.proto.median.v1.MedianProto.Report;
import dev.pluggable.sample.proto.median.v1.MedianProto.ReportReply;
import dev.pluggable.sample.proto.median.v1.MedianProto.ReportRequest;
import dev.pluggable.sample.proto.median.v1.MedianProto.ReportTimestamp;
import dev.pluggable.sample.proto.median.v1.MedianProto.Transmission;
import dev.pluggable.sample.proto.median.v1.MedianProvider;
import dev.pluggable.sample.proto.median.v1.PluginMedian;
import dev.pluggable.sample.proto.median.v1.PluginRelayer;
import dev.pluggable.sample.proto.median.v1.Relayer;
import dev.pluggable.sample.proto.median.v1.ReportingPlugin;
import dev.pluggable.sample.proto.median.v1.ReportingPluginFactory;
import org.jspecify.annotations.Nullable;

/**
 * Transmits the median of all observations to a contract. This application plays all
 * oracles.
 */
class MedianJob implements AutoCloseable {

	private final ContractConfig config;

	private final Relayer relayer;

	private final MedianProvider provider;

	private final ReportingPluginFactory factory;

	private final ReportingPlugin reportingPlugin;

	private final TransmissionWatch watch;

	private final AtomicInteger round = new AtomicInteger();

	private final AtomicReference<@Nullable Transmission> latest = new AtomicReference<>();

	/**
	 * Create a job. The constructor does not wait for the plugins.
	 */
	MedianJob(PluginRelayer relayerPlugin, PluginMedian medianPlugin, MedianProperties properties) {
		this.config = ContractConfig.newBuilder()
			.setF(properties.faulty())
			.setOffchainConfig(ByteString.copyFromUtf8(properties.offchainConfig()))
			.build();

		this.relayer = relayerPlugin.newRelayer(
				NewRelayerRequest.newBuilder().setConfig(properties.relayerConfig()).build(), Keystore.hostService());
		this.provider = this.relayer
			.newProvider(NewProviderRequest.newBuilder().setContractId(properties.contract()).build());
		this.factory = medianPlugin.newMedianFactory(
				NewMedianFactoryRequest.newBuilder().setContractId(properties.contract()).build(), this.provider,
				DataSource.hostService(), ErrorLog.hostService());

		// Each creation asks the provider for the digest, and may wait for the provider.
		this.reportingPlugin = this.factory.newReportingPlugin(() -> NewReportingPluginRequest.newBuilder()
			.setConfigDigest(this.provider.configDigest(this.config).getConfigDigest())
			.setF(this.config.getF())
			.build());
		this.watch = TransmissionWatch.begin(this.reportingPlugin, this.latest::set);
	}

	/**
	 * Run one round.
	 * @return the report, empty if the contract has its answer already
	 * @throws dev.pluggable.PluggableException if a plugin is not ready or fails; the
	 * caller may run another round
	 */
	Optional<Report> round() {
		ReportTimestamp timestamp = ReportTimestamp.newBuilder()
			.setConfigDigest(this.provider.configDigest(this.config).getConfigDigest())
			.setEpoch(1)
			.setRound(this.round.incrementAndGet())
			.build();
		ByteString query = this.reportingPlugin.query(QueryRequest.newBuilder().setTimestamp(timestamp).build())
			.getQuery();
		ReportRequest.Builder request = ReportRequest.newBuilder().setTimestamp(timestamp).setQuery(query);
		for (int oracle = 0; oracle < 3 * this.config.getF() + 1; oracle++) {
			ByteString observation = this.reportingPlugin
				.observation(ObservationRequest.newBuilder().setTimestamp(timestamp).setQuery(query).build())
				.getObservation();
			request.addObservations(AttributedObservation.newBuilder().setObservation(observation).setObserver(oracle));
		}
		ReportReply reply = this.reportingPlugin.report(request.build());
		return reply.getShouldReport() ? Optional.of(report(reply.getReport())) : Optional.empty();
	}

	/**
	 * Read a report of a plugin.
	 * @throws ComponentException if the bytes are no report
	 */
	static Report report(ByteString bytes) {
		try {
			return Report.parseFrom(bytes);
		}
		catch (InvalidProtocolBufferException ex) {
			throw new ComponentException("A plugin has sent a report that cannot be read", ex);
		}
	}

	/**
	 * The latest transmission that the stream of transmissions reported.
	 * @return the transmission, {@code null} before the first
	 */
	@Nullable Transmission latest() {
		return this.latest.get();
	}

	/**
	 * Number of the latest round that was started.
	 */
	int rounds() {
		return this.round.get();
	}

	/**
	 * The remote objects of the job, each after the object that created it.
	 */
	List<RemoteObjectStatus> objects() {
		return Stream.of(this.relayer, this.provider, this.factory, this.reportingPlugin)
			.map(ContractObject::client)
			.map(RemoteObject.class::cast)
			.map(RemoteObject::status)
			.toList();
	}

	Relayer relayer() {
		return this.relayer;
	}

	MedianProvider provider() {
		return this.provider;
	}

	ReportingPluginFactory factory() {
		return this.factory;
	}

	ReportingPlugin reportingPlugin() {
		return this.reportingPlugin;
	}

	TransmissionWatch watch() {
		return this.watch;
	}

	/**
	 * Close the objects of the job in the plugins.
	 */
	@Override
	public void close() {
		this.watch.close();
		this.factory.close();
		this.relayer.close();
	}

}
