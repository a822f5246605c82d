package dev.pluggable.pubsub;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.stream.StreamStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A durable component is killed again and again while messages are published and handled.
 * Each message whose publication succeeded must be handled at least once.
 */
@Timeout(240)
public abstract class PubSubRestartBehaviour {

	private static final int MESSAGES = 10_000;

	private static final int PUBLISHERS = 4;

	private static final int KILLS = 10;

	@TempDir
	private Path folder;

	private ComponentProcess process;

	private ComponentHost host;

	@AfterEach
	void close() {
		if (this.host != null) {
			this.host.close();
		}
		if (this.process != null) {
			this.process.close();
		}
	}

	/**
	 * Start the component, with a socket in the folder.
	 * @param folder folder for the socket and for files
	 * @return its process
	 */
	protected abstract ComponentProcess start(Path folder);

	/**
	 * The type that names the component's socket.
	 * @return a type, such as {@code pubsub.bus}
	 */
	protected abstract String type();

	/**
	 * The metadata that make the component durable.
	 * @param folder folder of the component
	 * @return metadata; none unless overridden
	 */
	protected Map<String, String> metadata(Path folder) {
		return Map.of();
	}

	private void startComponent() {
		this.process = start(this.folder);
	}

	@Test
	void whenComponentIsKilledAgainAndAgainThenNoMessageIsLost() throws Exception {
		startComponent();
		PubSub bus = bus();
		Set<String> handled = ConcurrentHashMap.newKeySet();
		AtomicInteger deliveries = new AtomicInteger();
		Subscription subscription = bus.subscribe(SubscribeRequest.of("orders").withConcurrency(8), (message) -> {
			handled.add(new String(message.data(), StandardCharsets.US_ASCII));
			deliveries.incrementAndGet();
			return MessageOutcome.ACK;
		});
		AtomicInteger published = new AtomicInteger();
		ExecutorService publishers = Executors.newFixedThreadPool(PUBLISHERS);
		try {
			List<? extends Future<?>> publishing = IntStream.range(0, PUBLISHERS)
				.mapToObj((publisher) -> publishers.submit(() -> publish(bus, publisher, published)))
				.toList();
			for (int kill = 1; kill <= KILLS; kill++) {
				int enough = kill * MESSAGES / (KILLS + 1);
				await().atMost(Duration.ofSeconds(60)).until(() -> published.get() >= enough);
				this.process.kill();
				startComponent();
				int resubscribed = kill;
				await().atMost(Duration.ofSeconds(60))
					.untilAsserted(() -> assertThat(subscription.status())
						.matches((status) -> status.state() == StreamStatus.State.ACTIVE)
						.matches((status) -> status.reconnects() >= resubscribed));
			}
			for (Future<?> each : publishing) {
				each.get();
			}
		}
		finally {
			publishers.shutdownNow();
		}
		await().atMost(Duration.ofSeconds(60)).until(() -> handled.size() >= MESSAGES);
		assertThat(published).hasValue(MESSAGES);
		assertThat(handled).hasSize(MESSAGES);
		assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
		assertThat(subscription.status().reconnects()).isGreaterThanOrEqualTo(KILLS);
		System.out.println("RESTARTS " + KILLS + " kills, " + MESSAGES + " messages, " + deliveries + " deliveries");
	}

	/**
	 * Publishes its share of the messages, and repeats each message until the component
	 * has accepted it.
	 */
	private static void publish(PubSub bus, int publisher, AtomicInteger published) {
		for (int i = publisher; i < MESSAGES; i += PUBLISHERS) {
			byte[] data = ("m" + i).getBytes(StandardCharsets.US_ASCII);
			boolean taken = false;
			while (!taken) {
				try {
					bus.publish("orders", data);
					taken = true;
				}
				catch (PluggableException ex) {
					assertThat(ex).isInstanceOf(ComponentUnavailableException.class);
				}
			}
			published.incrementAndGet();
		}
	}

	private PubSub bus() {
		ComponentSettings settings = new ComponentSettings(Duration.ofSeconds(10), Duration.ofSeconds(5),
				Duration.ofSeconds(20), 4 * 1024 * 1024);
		this.host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(List.of(new ComponentDeclaration("bus", ComponentType.of(type()), false,
					metadata(this.folder), settings))));
		this.host.start();
		return this.host.registry().find(PubSubKind.INSTANCE, "bus").orElseThrow().instance();
	}

}
