package dev.pluggable.spring.observation;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservedMessage;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.spring.autoconfigure.bindings.PluggableBindingListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.bindings.PluggableBindingsAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.observation.PluggableObservationAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.bindings.BindingListener;
import dev.pluggable.spring.pubsub.CloudEventFormat;
import dev.pluggable.spring.pubsub.TopicListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.micrometer.tracing.propagation.Propagator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the observations of messages and events, and for the meters of subscriptions.
 */
class MessageObservationTests {

	private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

	@TempDir
	private Path folder;

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class, JacksonAutoConfiguration.class,
					PluggableListenerAutoConfiguration.class, PluggablePubSubAutoConfiguration.class,
					PluggableBindingsAutoConfiguration.class, PluggableBindingListenerAutoConfiguration.class,
					PluggableObservationAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder,
					"pluggable.components.bus.type=pubsub.in-memory")
			.withBean(Orders.class);
	}

	private ApplicationContextRunner observed() {
		return runner().withBean(ObservationRegistry.class, () -> this.registry);
	}

	@ParameterizedTest
	@CsvSource({ "ack, ack", "drop, drop", "retry, retry", "throw, dead letter" })
	void aMessageIsObservedWithItsOutcome(String payload, String outcome) {
		String topic = payload.equals("throw") ? "careful" : "orders";
		observed().run((context) -> {
			context.getBean("bus", PubSub.class).publish(topic, payload.getBytes(StandardCharsets.UTF_8));
			Awaitility.await()
				.untilAsserted(() -> TestObservationRegistryAssert.assertThat(this.registry)
					.hasObservationWithNameEqualTo("pluggable.message")
					.that()
					.hasBeenStopped()
					.hasContextualNameEqualTo("bus " + topic)
					.hasLowCardinalityKeyValue("component", "bus")
					.hasLowCardinalityKeyValue("topic", topic)
					.hasLowCardinalityKeyValue("outcome", outcome)
					.hasLowCardinalityKeyValue("listener", "Orders." + topic));
		});
	}

	@Test
	void theErrorOfAMessageHasNoPayload() {
		observed().run((context) -> {
			context.getBean("bus", PubSub.class).publish("careful", "s3cret".getBytes(StandardCharsets.UTF_8));
			Awaitility.await()
				.untilAsserted(() -> TestObservationRegistryAssert.assertThat(this.registry)
					.hasObservationWithNameEqualTo("pluggable.message")
					.that()
					.satisfies((observation) -> assertThat(observation.getError())
						.hasMessage(IllegalStateException.class.getName())));
		});
	}

	@Test
	void aListenerRunsInTheScopeOfItsMessage() {
		observed().run((context) -> {
			context.getBean("bus", PubSub.class).publish("orders", "scope".getBytes(StandardCharsets.UTF_8));
			Observation current = context.getBean(Orders.class).current.poll(10, TimeUnit.SECONDS);
			assertThat(current).isNotNull()
				.extracting((observation) -> observation.getContext())
				.isInstanceOf(MessageObservationContext.class);
		});
	}

	@Test
	void anEventOfTheTimerIsObserved() {
		observed().withBean(Timer.class)
			.withPropertyValues("pluggable.components.often.type=bindings.cron",
					"pluggable.components.often.metadata.schedule=@every 1s")
			.run((context) -> Awaitility.await()
				.untilAsserted(() -> TestObservationRegistryAssert.assertThat(this.registry)
					.hasObservationWithNameEqualTo("pluggable.message")
					.that()
					.hasContextualNameEqualTo("often event")
					.hasLowCardinalityKeyValue("component", "often")
					.hasLowCardinalityKeyValue("topic", "none")
					.hasLowCardinalityKeyValue("outcome", "ack")
					.hasLowCardinalityKeyValue("listener", "Timer.tick")));
	}

	@Test
	void topicsBeyondALimitAreOther() {
		BoundedValues topics = new BoundedValues(OpenSubscriptions.MAX_TOPICS);
		for (int i = 0; i < OpenSubscriptions.MAX_TOPICS; i++) {
			assertThat(topics.value("t" + i)).isEqualTo("t" + i);
		}
		assertThat(topics.value("one more")).isEqualTo("other");
		assertThat(topics.value("t7")).isEqualTo("t7");
		assertThat(topics.value(null)).isEqualTo("none");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"a":[1]},"traceparent":"%s"} | true
			{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"a":[1]},"traceid":"%s"}     | true
			{"specversion":"1.0","id":"1","source":"s","type":"t","traceid":"","traceparent":"%s"}     | true
			{"specversion":"1.0","id":"1","source":"s","type":"t","traceid":"4711"}                    | false
			{"traceparent":"%s"}                                                                       | false
			no event                                                                                   | false
			""")
	void theTraceOfAForeignPublisherIsUnderstood(String payload, boolean understood) {
		MessageObservationContext context = context(Map.of(), payload.formatted(PARENT));
		assertThat(context.getGetter().get(context.getCarrier(), "traceparent")).isEqualTo(understood ? PARENT : null);
		assertThat(context.getGetter().get(context.getCarrier(), "X-B3-TraceId")).isNull();
	}

	@Test
	void metadataComeBeforeTheAttributesOfAnEvent() {
		MessageObservationContext context = context(Map.of("traceparent", PARENT), """
				{"specversion":"1.0","id":"1","source":"s","type":"t","traceparent":"00-other","tracestate":"a=b"}""");
		assertThat(context.getGetter().get(context.getCarrier(), "traceparent")).isEqualTo(PARENT);
		assertThat(context.getGetter().get(context.getCarrier(), "tracestate")).isEqualTo("a=b");
	}

	private static MessageObservationContext context(Map<String, String> metadata, String payload) {
		return new MessageObservationContext(
				new ObservedMessage("bus", "pubsub", "t", null, metadata, payload.getBytes(StandardCharsets.UTF_8)),
				"t", new CloudEventFormat()::attributes);
	}

	@Test
	void aConventionOfTheApplicationIsUsed() {
		observed().withBean(MessageObservationConvention.class, () -> new DefaultMessageObservationConvention() {

			@Override
			public String getName() {
				return "own.message";
			}

		}).run((context) -> {
			context.getBean("bus", PubSub.class).publish("orders", "ack".getBytes(StandardCharsets.UTF_8));
			Awaitility.await()
				.untilAsserted(() -> TestObservationRegistryAssert.assertThat(this.registry)
					.hasObservationWithNameEqualTo("own.message"));
		});
	}

	@Test
	void subscriptionsHaveMeters() {
		observed().run((context) -> {
			MeterRegistry meters = new SimpleMeterRegistry();
			context.getBeansOfType(MeterBinder.class).values().forEach((binder) -> binder.bindTo(meters));
			assertThat(gauge(meters, "pluggable.subscription.handlers.busy")).isZero();
			assertThat(gauge(meters, "pluggable.subscription.handlers.waiting")).isEqualTo(3);
			assertThat(meters.get("pluggable.subscription.openings")
				.tags("component", "bus", "topic", "orders")
				.functionCounter()
				.count()).isEqualTo(1);
			PubSub bus = context.getBean("bus", PubSub.class);
			try (AutoCloseable closed = bus.subscribe("orders", (message) -> MessageOutcome.ACK)) {
				assertThat(
						meters.get("pluggable.subscription.openings").tags("topic", "orders").functionCounter().count())
					.isEqualTo(2);
			}
			assertThat(gauge(meters, "pluggable.subscription.handlers.waiting")).isEqualTo(3);
			assertThat(meters.get("pluggable.subscription.openings").tags("topic", "orders").functionCounter().count())
				.isEqualTo(2);
		});
	}

	private static double gauge(MeterRegistry meters, String name) {
		return meters.get(name).tags("component", "bus", "topic", "orders").gauge().value();
	}

	@Test
	void nobodyListensWithoutARegistry() {
		runner().run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(MessageListener.class);
			assertThat(context.getBean("bus").getClass().getSimpleName()).isEqualTo("InMemoryPubSub");
		});
	}

	@Test
	void messagesAreObservedWithoutTracingAndMeters() {
		observed().withClassLoader(new FilteredClassLoader(Propagator.class, MeterBinder.class)).run((context) -> {
			context.getBean("bus", PubSub.class).publish("orders", "ack".getBytes(StandardCharsets.UTF_8));
			Awaitility.await()
				.untilAsserted(() -> TestObservationRegistryAssert.assertThat(this.registry)
					.hasObservationWithNameEqualTo("pluggable.message"));
		});
	}

	/**
	 * Listeners with each outcome.
	 */
	static class Orders {

		final BlockingQueue<@Nullable Observation> current = new LinkedBlockingQueue<>();

		private final @Nullable ObservationRegistry registry;

		Orders(org.springframework.beans.factory.ObjectProvider<ObservationRegistry> registry) {
			this.registry = registry.getIfAvailable();
		}

		@TopicListener(pubsub = "bus", topic = "orders", concurrency = "3")
		MessageOutcome orders(String payload) {
			if (this.registry != null && this.registry.getCurrentObservation() != null) {
				this.current.add(this.registry.getCurrentObservation());
			}
			return switch (payload) {
				case "drop" -> MessageOutcome.DROP;
				case "retry" -> MessageOutcome.RETRY;
				default -> MessageOutcome.ACK;
			};
		}

		@TopicListener(pubsub = "bus", topic = "careful", deadLetterTopic = "dead", attempts = "2", retryDelay = "1ms")
		void careful(String payload) {
			throw new IllegalStateException(payload);
		}

	}

	/**
	 * A listener of a timer.
	 */
	static class Timer {

		@BindingListener("often")
		void tick() {
		}

	}

}
