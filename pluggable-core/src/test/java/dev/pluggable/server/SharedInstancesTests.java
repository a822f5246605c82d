package dev.pluggable.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.pubsub.InMemoryPubSub;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.pubsub.PublishRequest;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for several applications that use the same served component.
 */
class SharedInstancesTests {

	private static final String BEGIN = "begin";

	private final Path folder;

	private final List<ComponentHost> hosts = new ArrayList<>();

	SharedInstancesTests(@TempDir Path folder) {
		this.folder = folder;
	}

	@AfterEach
	void close() {
		this.hosts.forEach(ComponentHost::close);
	}

	private ComponentServer pubSub(boolean singleton) {
		ComponentServer.Builder builder = ComponentServer.inFolder(this.folder, "bus");
		if (singleton) {
			builder.serveInstance(PubSubKind.INSTANCE, new InMemoryPubSub());
		}
		else {
			builder.serve(PubSubKind.INSTANCE, InMemoryPubSub::new);
		}
		return builder.start();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenApplicationsHaveDifferentIdsThenEachGetsAllMessages(boolean singleton) {
		try (ComponentServer server = pubSub(singleton)) {
			List<String> received = new CopyOnWriteArrayList<>();
			PubSub first = pubSub(host("A"));
			awaitBegun(first, subscribe(first, "A", received), subscribe(pubSub(host("B")), "B", received));
			List<String> expected = new ArrayList<>();
			for (int i = 0; i < 6; i++) {
				first.publish(PublishRequest.of("orders", bytes("" + i)));
				expected.add("A" + i);
				expected.add("B" + i);
			}
			await().untilAsserted(() -> assertThat(received).containsExactlyInAnyOrderElementsOf(expected));
			assertThat(server.isReachable()).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "A", "" })
	void whenApplicationsHaveTheSameIdThenTheyShareTheMessages(String id) {
		try (ComponentServer server = pubSub(false)) {
			List<String> received = new CopyOnWriteArrayList<>();
			PubSub first = pubSub(host(id));
			awaitBegun(first, subscribe(first, "", received), subscribe(pubSub(host(id)), "", received));
			for (int i = 0; i < 6; i++) {
				first.publish(PublishRequest.of("orders", bytes("" + i)));
			}
			await().untilAsserted(() -> assertThat(received).containsExactlyInAnyOrder("0", "1", "2", "3", "4", "5"));
			assertThat(server.isReachable()).isTrue();
		}
	}

	@Test
	void whenOneApplicationHasNoIdThenItDoesNotShareTheMessagesOfTheOther() {
		try (ComponentServer server = pubSub(false)) {
			List<String> received = new CopyOnWriteArrayList<>();
			PubSub first = pubSub(host("A"));
			awaitBegun(first, subscribe(first, "A", received), subscribe(pubSub(host("")), "-", received));
			first.publish(PublishRequest.of("orders", bytes("1")));
			await().untilAsserted(() -> assertThat(received).containsExactlyInAnyOrder("A1", "-1"));
			assertThat(server.isReachable()).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "A", "B" })
	void whenOneApplicationStopsThenTheOtherGoesOn(String other) {
		try (ComponentServer server = pubSub(false)) {
			List<String> received = new CopyOnWriteArrayList<>();
			ComponentHost stopping = host("A");
			PubSub staying = pubSub(host(other));
			awaitBegun(staying, subscribe(pubSub(stopping), "x", new CopyOnWriteArrayList<>()),
					subscribe(staying, "", received));
			stopping.close();
			staying.publish(PublishRequest.of("orders", bytes("later")));
			await().untilAsserted(() -> assertThat(received).contains("later"));
			assertThat(server.isReachable()).isTrue();
		}
	}

	@Test
	void whenTheServerOfASingletonStartsAgainThenSubscriptionsGoOn() {
		ComponentServer.Builder builder = ComponentServer.inFolder(this.folder, "bus");
		try (InMemoryPubSub singleton = new InMemoryPubSub()) {
			builder.serveInstance(PubSubKind.INSTANCE, singleton);
			List<String> received = new CopyOnWriteArrayList<>();
			PubSub remote;
			try (ComponentServer server = builder.start()) {
				remote = pubSub(host("A"));
				awaitBegun(remote, subscribe(remote, "", received));
				assertThat(server.isReachable()).isTrue();
			}
			try (ComponentServer server = builder.start()) {
				await().ignoreExceptionsInstanceOf(ComponentUnavailableException.class).until(() -> {
					remote.publish(PublishRequest.of("orders", bytes("later")));
					return true;
				});
				await().untilAsserted(() -> assertThat(received).contains("later"));
				assertThat(server.isReachable()).isTrue();
			}
		}
	}

	@Test
	void whenApplicationsHaveDifferentKeyPrefixesThenBothUseOneStore() {
		List<Map<String, String>> created = new CopyOnWriteArrayList<>();
		try (ComponentServer server = ComponentServer.inFolder(this.folder, "bus")
			.serve(StateStoreKind.INSTANCE, (name, metadata) -> {
				created.add(metadata);
				return new InMemoryStateStore();
			})
			.start()) {
			StateStore first = state("A", Map.of());
			first.set("k", bytes("v"));
			StateStore second = state("B", Map.of("keyPrefix", "none"));
			assertThat(second.get("k").map(StateItem::text)).contains("v");
			StateStore third = state("C", Map.of("keyprefix", "name"));
			third.set("k", bytes("w"));
			assertThat(first.get("bus||k").map(StateItem::text)).contains("w");
			assertThat(first.get("k").map(StateItem::text)).contains("v");
			assertThat(created).hasSize(1);
			assertThat(server.instances()).containsEntry("state", Set.of("bus"));
		}
	}

	private ComponentHost host(String id) {
		return host(id, "pubsub.bus", Map.of());
	}

	private ComponentHost host(String id, String type, Map<String, String> metadata) {
		ComponentHost host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withApplication(new ApplicationIdentity(id, ""))
			.withDeclarations(List.of(new ComponentDeclaration("bus", ComponentType.of(type), true, metadata,
					HostSettings.defaultComponentSettings()))));
		this.hosts.add(host);
		host.start();
		assertThat(host.awaitRequired(Duration.ofSeconds(20))).isEmpty();
		return host;
	}

	private static PubSub pubSub(ComponentHost host) {
		return host.registry().components(PubSubKind.INSTANCE).get("bus");
	}

	private StateStore state(String id, Map<String, String> metadata) {
		return host(id, "state.bus", metadata).registry().components(StateStoreKind.INSTANCE).get("bus");
	}

	/**
	 * Subscribe, and return the number of messages that say whether the subscription has
	 * begun.
	 */
	private static AtomicInteger subscribe(PubSub pubSub, String prefix, List<String> received) {
		AtomicInteger begun = new AtomicInteger();
		pubSub.subscribe(SubscribeRequest.of("orders"), (message) -> {
			String text = new String(message.data(), StandardCharsets.UTF_8);
			if (text.equals(BEGIN)) {
				begun.incrementAndGet();
			}
			else {
				received.add(prefix + text);
			}
			return MessageOutcome.ACK;
		});
		return begun;
	}

	private static void awaitBegun(PubSub pubSub, AtomicInteger... subscriptions) {
		await().until(() -> {
			pubSub.publish(PublishRequest.of("orders", bytes(BEGIN)));
			return Arrays.stream(subscriptions).allMatch((begun) -> begun.get() > 0);
		});
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(5));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
