package dev.pluggable.sample.median;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import dev.pluggable.sample.proto.median.v1.MedianProto.LatestTransmissionReply;
import dev.pluggable.sample.proto.median.v1.MedianProto.Report;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Kills each process at each step of the flow, and verifies that everything recovers.
 * Fails if Go or Python is missing.
 */
@Tag("interop")
class KilledProcessInteropTests {

	private static final List<String> VICTIMS = List.of("relayer", "median", "both");

	/**
	 * The steps of the flow. The number chooses one of several occurrences of a step.
	 */
	private static final Map<String, Integer> STEPS = Map.ofEntries(Map.entry("NewRelayer sent", 1),
			Map.entry("Accounts asked", 1), Map.entry("Sign asked", 1), Map.entry("NewRelayer answered", 1),
			Map.entry("relayer ready", 1), Map.entry("provider ready", 1), Map.entry("NewMedianFactory sent", 1),
			Map.entry("NewMedianFactory answered", 1), Map.entry("median factory ready", 1),
			Map.entry("ConfigDigest sent", 1), Map.entry("ConfigDigest answered", 1),
			Map.entry("reporting plugin ready", 1), Map.entry("WatchTransmissions sent", 1),
			Map.entry("LatestTransmission sent", 1), Map.entry("LatestTransmission answered", 1),
			Map.entry("Observe asked", 3), Map.entry("Transmit sent", 1), Map.entry("Sign asked in a round", 2),
			Map.entry("Transmit answered", 1), Map.entry("WatchTransmissions answered", 1));

	@BeforeAll
	static void build() throws Exception {
		MedianPlugins.build();
	}

	static Stream<Arguments> steps() {
		return STEPS.keySet()
			.stream()
			.sorted()
			.flatMap((step) -> VICTIMS.stream().map((victim) -> arguments(victim, step)));
	}

	@ParameterizedTest(name = "{0}: {1}")
	@MethodSource("steps")
	void whenProcessIsKilledThenEverythingIsWholeAgain(String victim, String step) throws Exception {
		AtomicReference<MedianHost> running = new AtomicReference<>();
		AtomicBoolean killed = new AtomicBoolean();
		Map<String, Integer> seen = new ConcurrentHashMap<>();
		Steps steps = new Steps((name) -> {
			if (step.startsWith(name) && seen.merge(name, 1, Integer::sum) >= STEPS.get(step)
					&& killed.compareAndSet(false, true)) {
				List.of("relayer", "median")
					.stream()
					.filter((plugin) -> victim.equals(plugin) || victim.equals("both"))
					.forEach(running.get()::kill);
			}
		});
		MedianHost.Builder builder = MedianHost.with(MedianPlugins.goRelayer(), MedianPlugins.goMedian()).steps(steps);
		try (MedianHost host = builder.build()) {
			running.set(host);
			host.start();
			host.awaitPlugins();
			MedianJob job = host.job();
			steps.of("relayer", job.relayer());
			steps.of("provider", job.provider());
			steps.of("median factory", job.factory());
			steps.of("reporting plugin", job.reportingPlugin());
			while (!killed.get()) {
				host.awaitRound(job);
			}
			host.awaitRound(job);
			assertWhole(host, job);
			assertThat(host.host().plugins().statuses()).allSatisfy((status) -> assertThat(status.restarts())
				.isEqualTo((victim.equals(status.name()) || victim.equals("both")) ? 1 : 0));
			job.close();
		}
	}

	private static void assertWhole(MedianHost host, MedianJob job) {
		host.round(job);
		Report report = host.round(job);
		LatestTransmissionReply latest = job.provider().latestTransmission();
		assertThat(latest.hasTransmission()).isTrue();
		assertThat(MedianJob.report(latest.getTransmission().getReport())).isEqualTo(report);
		await().untilAsserted(() -> assertThat(job.latest()).isNotNull()
			.satisfies((transmission) -> assertThat(MedianJob.report(transmission.getReport())).isEqualTo(report)));
		MedianHost.awaitObjects(job);
		host.awaitWhole();
	}

}
