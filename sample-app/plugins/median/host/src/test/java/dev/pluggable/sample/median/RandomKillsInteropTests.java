package dev.pluggable.sample.median;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.pluggable.PluggableException;
import dev.pluggable.plugin.PluginSettings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Kills processes at random while rounds go on, and verifies that nothing is left of
 * them. Fails if Go or Python is missing.
 */
@Tag("interop")
class RandomKillsInteropTests {

	private static final long SEED = Long.getLong("median.seed", 42);

	private static final List<List<String>> VICTIMS = List.of(List.of("relayer"), List.of("median"),
			List.of("relayer", "median"));

	private static final int WARM_UP = 10;

	private static final int LATEST_MILLIS = 100;

	@BeforeAll
	static void build() throws Exception {
		MedianPlugins.build();
	}

	static Stream<Arguments> relayers() {
		return Stream.of(arguments("Go", MedianPlugins.goRelayer(), 100),
				arguments("Python with AutoMTLS", MedianPlugins.pythonRelayer().withAutoMtls(true), 20));
	}

	@ParameterizedTest(name = "{0}, {2} times")
	@MethodSource("relayers")
	void whenProcessesAreKilledAtRandomThenNothingIsLeft(String name, PluginSettings relayer, int kills)
			throws Exception {
		ScheduledExecutorService killer = Executors.newSingleThreadScheduledExecutor();
		Random random = new Random(SEED);
		try (MedianHost host = MedianHost.with(relayer, MedianPlugins.goMedian()).start()) {
			MedianJob job = host.job();
			host.awaitRound(job);
			for (int i = 0; i < WARM_UP; i++) {
				killDuringRounds(host, job, random, killer);
			}
			settle(host, job);
			Usage before = Usage.now(host);
			int failed = 0;
			for (int i = 0; i < kills; i++) {
				failed += killDuringRounds(host, job, random, killer);
			}
			settle(host, job);
			Usage[] after = new Usage[1];
			await().untilAsserted(() -> {
				after[0] = Usage.now(host);
				assertThat(after[0].threads()).isLessThanOrEqualTo(before.threads());
				assertThat(after[0].descriptors()).isEqualTo(before.descriptors());
				assertThat(after[0].sockets()).isEqualTo(before.sockets());
				assertThat(after[0].processes()).isEqualTo(before.processes());
			});
			System.out.println(String.format(
					"%nTIMING %d random kills (seed %d, relayer in %s): %d rounds, of which %d failed; before %s, after %s",
					kills, SEED, name, job.rounds(), failed, before, after[0]));
			job.close();
		}
		finally {
			killer.shutdownNow();
		}
	}

	/**
	 * Kill a process after a random time, and run rounds until one succeeds.
	 * @return how many rounds failed
	 */
	private static int killDuringRounds(MedianHost host, MedianJob job, Random random, ScheduledExecutorService killer)
			throws Exception {
		List<String> victims = VICTIMS.get(random.nextInt(VICTIMS.size()));
		Future<?> killed = killer.schedule(() -> victims.forEach(host::kill), random.nextInt(LATEST_MILLIS),
				TimeUnit.MILLISECONDS);
		int failed = 0;
		boolean after = false;
		boolean succeeded = false;
		while (!(after && succeeded)) {
			after = killed.isDone();
			try {
				host.round(job);
				succeeded = true;
			}
			catch (PluggableException ex) {
				succeeded = false;
				failed++;
			}
		}
		killed.get();
		return failed;
	}

	private static void settle(MedianHost host, MedianJob job) {
		host.awaitPlugins();
		MedianHost.awaitObjects(job);
		host.awaitWhole();
		host.round(job);
	}

	/**
	 * The resources in use.
	 *
	 * @param threads threads of this process
	 * @param descriptors descriptors of this process by their targets, without files,
	 * because the class path opens files when it needs them
	 * @param sockets sockets of the plugins
	 * @param processes processes below this one
	 */
	private record Usage(int threads, Map<String, Long> descriptors, int sockets, long processes) {

		static Usage now(MedianHost host) throws IOException {
			try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
				return new Usage(Thread.getAllStackTraces().size(),
						descriptors.map(Usage::target)
							.filter((target) -> !target.startsWith("/"))
							.collect(Collectors.groupingBy((target) -> target.replaceAll("\\d", ""), TreeMap::new,
									Collectors.counting())),
						host.sockets().size(), ProcessHandle.current().descendants().count());
			}
		}

		private static String target(Path descriptor) {
			try {
				return Files.readSymbolicLink(descriptor).toString();
			}
			catch (IOException ex) {
				return "/closed";
			}
		}

	}

}
