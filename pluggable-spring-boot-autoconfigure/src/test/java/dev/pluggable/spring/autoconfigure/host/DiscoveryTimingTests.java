package dev.pluggable.spring.autoconfigure.host;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.state.StateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Measures how fast components come and come back, and prints it. The bounds are far
 * above what is measured, so that they hold on a busy machine and still catch a wait that
 * does not belong there.
 */
class DiscoveryTimingTests {

	private static final int ROUNDS = 21;

	private static final int SOCKETS = 200;

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	@TempDir
	Path folder;

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder);
	}

	@Test
	void fromListenToCallableBean() {
		runner().run((context) -> {
			long[] nanos = new long[ROUNDS];
			for (int i = 0; i < ROUNDS; i++) {
				String name = "c" + i;
				try (FakeStateServer server = new FakeStateServer(this.folder.resolve(name + ".sock")).start()) {
					long listening = System.nanoTime();
					spin(() -> context.containsBean(name + ".state") && works(context.getBean(name + ".state")));
					nanos[i] = System.nanoTime() - listening;
				}
			}
			assertThat(report("from a socket's listen to its bean being callable", nanos)).isLessThan(1000);
		});
	}

	@Test
	void fromListenAfterRestartToFirstCall() {
		runner().withPropertyValues("pluggable.components.orders.type=state.h2").run((context) -> {
			StateStore store = context.getBean("orders", StateStore.class);
			long[] nanos = new long[ROUNDS];
			for (int i = 0; i < ROUNDS; i++) {
				try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
					long listening = System.nanoTime();
					spin(() -> works(store));
					nanos[i] = System.nanoTime() - listening;
				}
				spin(() -> !works(store));
			}
			assertThat(report("from a restarted component's listen to the first successful call", nanos))
				.isLessThan(2500);
		});
	}

	@Test
	void startWithManySocketsOneOfWhichHangs() throws IOException {
		List<FakeStateServer> servers = new ArrayList<>();
		try (ServerSocketChannel hanging = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			hanging.bind(UnixDomainSocketAddress.of(this.folder.resolve("hang.sock")));
			for (int i = 1; i < SOCKETS; i++) {
				servers.add(new FakeStateServer(this.folder.resolve("c" + i + ".sock")).start());
			}
			long[] nanos = new long[3];
			for (int i = 0; i < nanos.length; i++) {
				long begin = System.nanoTime();
				int round = i;
				runner().run((context) -> {
					spin(() -> context.getBeansOfType(StateStore.class)
						.values()
						.stream()
						.filter(DiscoveryTimingTests::works)
						.count() == SOCKETS);
					nanos[round] = System.nanoTime() - begin;
				});
			}
			assertThat(report("start with " + SOCKETS + " sockets, one of which hangs, until all others are callable",
					nanos))
				.isLessThan(15_000);
		}
		finally {
			servers.forEach(FakeStateServer::close);
		}
	}

	private static boolean works(Object store) {
		try {
			((StateStore) store).get("k");
			return true;
		}
		catch (ComponentUnavailableException ex) {
			return false;
		}
	}

	private static void spin(BooleanSupplier condition) {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).as("still waiting").isLessThan(deadline);
			Thread.onSpinWait();
		}
	}

	private static long report(String what, long[] nanos) {
		long[] sorted = nanos.clone();
		Arrays.sort(sorted);
		long median = Duration.ofNanos(sorted[sorted.length / 2]).toMillis();
		// In one piece, so that no log line gets into it.
		System.out.println(String.format("%nTIMING %s: median %d ms, least %d ms, most %d ms, %d rounds", what, median,
				Duration.ofNanos(sorted[0]).toMillis(), Duration.ofNanos(sorted[sorted.length - 1]).toMillis(),
				sorted.length));
		return median;
	}

}
