package dev.pluggable.sample.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.ProbeResult;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.proto.components.v1.PubSubProto;
import dev.pluggable.pubsub.BulkPublishRequest;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PubSubBehaviour;
import dev.pluggable.pubsub.PubSubFeatures;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.pubsub.Subscription;
import dev.pluggable.stream.StreamStatus;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Runs the behaviour of all pub/sub components against one in Go on Dapr's public SDK.
 * Fails if Go is missing.
 */
@Tag("interop")
@Timeout(120)
class GoPubSubInteropTests extends PubSubBehaviour {

	private static final Counterpart GO_PUBSUB = Counterpart.of("go-pubsub");

	@TempDir
	static Path folder;

	private static final RecordedCalls CALLS = new RecordedCalls();

	private static Path program;

	private static ComponentProcess process;

	private static ComponentHost host;

	@BeforeAll
	static void buildAndStart() throws Exception {
		program = GO_PUBSUB.goBuild(folder);
		startComponent();
		host = new ComponentHost(
				HostSettings.defaults()
					.withSocketFolders(Set.of(folder))
					.withDeclarations(List.of(declaration("bus", Map.of()),
							declaration("durable", Map.of("file", folder.resolve("log").toString())),
							declaration("wrong", Map.of("file", folder.resolve("none/log").toString())))),
				List.of(), List.of(), CALLS);
		host.start();
		awaitReady();
	}

	@AfterAll
	static void stop() {
		host.close();
		process.close();
	}

	private static void startComponent() {
		process = GO_PUBSUB.start(folder, program.toString());
	}

	private static ComponentDeclaration declaration(String name, Map<String, String> metadata) {
		return new ComponentDeclaration(name, ComponentType.of("pubsub.broker"), false, metadata,
				HostSettings.defaultComponentSettings());
	}

	@Override
	protected PubSub pubSub() {
		return component("bus").instance();
	}

	/**
	 * The component keeps the order of each subscription.
	 */
	@Override
	protected boolean deliversInParallel() {
		return false;
	}

	@Test
	void whenItsOwnTestsRunThenTheyPass() throws Exception {
		GO_PUBSUB.goTest();
	}

	@Test
	void whenTheComponentIsFoundThenItsFeaturesAndHealthAreKnown() {
		assertThat(pubSub().features()).containsExactly(PubSubFeatures.BULK_PUBSUB);
		await().until(() -> component("bus").status().probe().health() == ProbeResult.Health.UP);
		assertThat(component("bus").status().probe().detail()).isEqualTo("Ping");
	}

	@Test
	void whenInitIsRefusedThenTheReasonIsKept() {
		await().until(() -> component("wrong").status().state() == ComponentState.INIT_FAILED);
		assertThat(component("wrong").status().reason()).contains("cannot use the file");
	}

	@Test
	void whenTwoComponentsShareTheProcessThenEachHasItsOwnTopics() {
		List<String> got = new CopyOnWriteArrayList<>();
		PubSub durable = component("durable").instance();
		try (Subscription subscription = durable.subscribe(SubscribeRequest.of("apart"), (message) -> {
			got.add(new String(message.data()));
			return MessageOutcome.ACK;
		})) {
			pubSub().publish("apart", "theirs".getBytes());
			durable.publish("apart", "ours".getBytes());
			await().until(() -> !got.isEmpty());
			assertThat(got).containsExactly("ours");
			assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
		}
	}

	@Test
	void whenClosedThenWhatWasNotHandledIsNeitherAcknowledgedNorRefused() throws Exception {
		PubSub bus = pubSub();
		CountDownLatch third = new CountDownLatch(1);
		CountDownLatch never = new CountDownLatch(1);
		for (int i = 1; i <= 5; i++) {
			bus.publish("closing", Integer.toString(i).getBytes());
		}
		int before = answers().size();
		Subscription subscription = bus.subscribe(SubscribeRequest.of("closing"), (message) -> {
			if (new String(message.data()).equals("3")) {
				third.countDown();
				never.await();
			}
			return MessageOutcome.ACK;
		});
		assertThat(third.await(20, TimeUnit.SECONDS)).isTrue();
		subscription.drain(Duration.ofMillis(100)).toCompletableFuture().get(20, TimeUnit.SECONDS);
		assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.CLOSED);
		List<String> rest = new CopyOnWriteArrayList<>();
		try (Subscription next = bus.subscribe(SubscribeRequest.of("closing"), (message) -> {
			rest.add(new String(message.data()));
			return MessageOutcome.ACK;
		})) {
			await().until(() -> rest.size() == 3);
			assertThat(rest).containsExactlyInAnyOrder("3", "4", "5");
			await().until(() -> answers().size() == before + 5);
			assertThat(answers().subList(before, before + 5)).noneMatch(PubSubProto.PullMessagesRequest::hasAckError)
				.extracting(PubSubProto.PullMessagesRequest::getAckMessageId)
				.doesNotHaveDuplicates();
			assertThat(next.status().inFlight()).isZero();
		}
	}

	private static List<PubSubProto.PullMessagesRequest> answers() {
		return CALLS.of(PubSubProto.PullMessagesRequest.class)
			.stream()
			.filter((request) -> !request.getAckMessageId().isEmpty())
			.toList();
	}

	@Test
	void whenTheProcessIsKilledThenPublishingFailsUntilItIsBackAndSubscribersGoOn() {
		PubSub durable = component("durable").instance();
		List<String> got = new CopyOnWriteArrayList<>();
		try (Subscription subscription = durable.subscribe(SubscribeRequest.of("restart").withConcurrency(1),
				(message) -> {
					got.add(new String(message.data()));
					return MessageOutcome.ACK;
				})) {
			durable.publish("restart", "before".getBytes());
			await().until(() -> got.size() == 1);
			process.kill();
			await().until(() -> component("durable").status().state() == ComponentState.UNAVAILABLE);
			assertThatExceptionOfType(ComponentUnavailableException.class)
				.isThrownBy(() -> durable.publish("restart", "lost".getBytes()));
			assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> durable
				.bulkPublish(BulkPublishRequest.of("restart", List.of(BulkPublishRequest.Entry.of("1", new byte[1])))));
			startComponent();
			awaitReady();
			durable.publish("restart", "after".getBytes());
			await().until(() -> got.contains("after"));
			assertThat(subscription.status().reconnects()).isPositive();
			assertThat(got).doesNotContain("lost");
		}
	}

	private static void awaitReady() {
		await().until(() -> List.of("bus", "durable")
			.stream()
			.allMatch((name) -> component(name).status().state() == ComponentState.READY));
	}

	private static Component<PubSub> component(String name) {
		return host.registry().find(PubSubKind.INSTANCE, name).orElseThrow();
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10));
	}

}
