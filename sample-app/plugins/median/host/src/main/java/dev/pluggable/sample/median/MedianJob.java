package dev.pluggable.sample.median;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import dev.pluggable.remote.RemoteObjectStatus;
import dev.pluggable.sample.median.plugins.ContractConfig;
import dev.pluggable.sample.median.plugins.MedianPlugin;
import dev.pluggable.sample.median.plugins.MedianProvider;
import dev.pluggable.sample.median.plugins.PluginObject;
import dev.pluggable.sample.median.plugins.Relayer;
import dev.pluggable.sample.median.plugins.RelayerPlugin;
import dev.pluggable.sample.median.plugins.Report;
import dev.pluggable.sample.median.plugins.ReportTimestamp;
import dev.pluggable.sample.median.plugins.ReportingPlugin;
import dev.pluggable.sample.median.plugins.ReportingPluginFactory;
import dev.pluggable.sample.median.plugins.Transmission;
import dev.pluggable.sample.median.plugins.TransmissionWatch;
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
	MedianJob(RelayerPlugin relayerPlugin, MedianPlugin medianPlugin, MedianProperties properties) {
		this.config = new ContractConfig(properties.faulty(), properties.offchainConfig());
		this.relayer = relayerPlugin.newRelayer(properties.relayerConfig());
		this.provider = this.relayer.newProvider(properties.contract());
		this.factory = medianPlugin.newMedianFactory(this.provider, properties.contract());
		this.reportingPlugin = this.factory.newReportingPlugin(this.config);
		this.watch = this.reportingPlugin.watchTransmissions(this.latest::set);
	}

	/**
	 * Run one round.
	 * @return the report, empty if the contract has its answer already
	 * @throws dev.pluggable.PluggableException if a plugin is not ready or fails; the
	 * caller may run another round
	 */
	Optional<Report> round() {
		ReportTimestamp timestamp = new ReportTimestamp(this.provider.configDigest(this.config), 1,
				this.round.incrementAndGet());
		byte[] query = this.reportingPlugin.query(timestamp);
		List<byte[]> observations = new ArrayList<>();
		for (int oracle = 0; oracle < this.config.oracles(); oracle++) {
			observations.add(this.reportingPlugin.observation(timestamp, query));
		}
		return this.reportingPlugin.report(timestamp, query, observations);
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
			.map(PluginObject::status)
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
