package dev.pluggable.sample.median;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.sample.proto.median.v1.MedianProto.ChainInfo;
import dev.pluggable.sample.proto.median.v1.MedianProto.Report;
import dev.pluggable.sample.proto.median.v1.MedianProto.Transmission;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Runs the flow with plugins in other languages. Fails if Go or Python is missing.
 */
@Tag("interop")
class FlowInteropTests {

	private static final long PATIENCE_SECONDS = 30;

	@BeforeAll
	static void build() throws Exception {
		MedianPlugins.build();
	}

	static Stream<Arguments> relayers() {
		return Stream.of(arguments("Go", MedianPlugins.goRelayer(), false),
				arguments("Go with AutoMTLS", MedianPlugins.goRelayer(), true),
				arguments("Python", MedianPlugins.pythonRelayer(), false),
				arguments("Python with AutoMTLS", MedianPlugins.pythonRelayer(), true));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("relayers")
	void whenPluginsAreLaunchedThenRoundsGoThroughBoth(String name, PluginSettings relayer, boolean autoMtls)
			throws Exception {
		try (MedianHost host = MedianHost.with(relayer, MedianPlugins.goMedian()).autoMtls(autoMtls).start()) {
			MedianJob job = host.job();
			assertThat(job.relayer().getChainInfo())
				.isEqualTo(ChainInfo.newBuilder().setNetwork("localnet").setAccount("bob").build());
			assertThat(job.provider().latestTransmission().hasTransmission()).isFalse();
			MedianHost.awaitObjects(job);
			BlockingQueue<Transmission> watched = new LinkedBlockingQueue<>();
			TransmissionWatch watch = TransmissionWatch.begin(job.reportingPlugin(), watched::add);

			Report first = host.round(job, 30, 10, -20, 20).orElseThrow();
			assertThat(first.getAnswer()).isEqualTo(20);
			assertThat(first.getObserversList()).containsExactly(2, 1, 3, 0);
			assertThat(first.getTimestamp().getRound()).isEqualTo(1);
			assertTransmitted(host, watched.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), first);
			assertTransmitted(host, job.provider().latestTransmission().getTransmission(), first);
			assertThat(host.round(job, 20, 20, 20, 20)).isEmpty();
			Report third = host.round(job, 7, 5, 6, 8).orElseThrow();
			assertThat(third.getAnswer()).isEqualTo(7);
			assertTransmitted(host, watched.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), third);

			List<PluginStatus> statuses = host.host().plugins().statuses();
			assertThat(statuses).extracting(PluginStatus::tls).containsOnly(autoMtls);
			assertThat(statuses).extracting((status) -> status.served().size()).containsExactly(3, 1);
			assertThat(statuses).extracting((status) -> status.dialed().size()).containsExactly(2, 2);
			assertThat(watch.opened()).isEqualTo(1);
			watch.close();
			job.close();
			await().untilAsserted(() -> assertThat(host.host().plugins().statuses())
				.allSatisfy((status) -> assertThat(status.served()).isEmpty())
				.allSatisfy((status) -> assertThat(status.dialed()).isEmpty()));
			assertThat(host.errors().latest()).isEmpty();
		}
	}

	private static void assertTransmitted(MedianHost host, Transmission transmission, Report report) {
		assertThat(transmission).isNotNull();
		assertThat(MedianJob.report(transmission.getReport())).isEqualTo(report);
		assertThat(transmission.getAccount()).isEqualTo("bob");
		assertThat(host.keystore().verify("bob", transmission.getReport(), transmission.getSignature())).isTrue();
	}

}
