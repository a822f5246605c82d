package dev.pluggable.spring.observation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.SubscribedPubSub;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.pubsub.PublishRequest;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.observation.PluggableObservationAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.pubsub.PubSubTemplate;
import dev.pluggable.spring.pubsub.TopicListener;
import dev.pluggable.state.StateStore;
import dev.pluggable.stream.StreamStatus;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Baggage;
import io.micrometer.tracing.BaggageInScope;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that a trace goes through a topic, with OpenTelemetry.
 */
class TraceTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@TempDir
	private Path folder;

	private final InMemorySpanExporter exporter = InMemorySpanExporter.create();

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class, JacksonAutoConfiguration.class,
					PluggableListenerAutoConfiguration.class, PluggablePubSubAutoConfiguration.class,
					PluggableObservationAutoConfiguration.class, ObservationAutoConfiguration.class,
					MicrometerTracingAutoConfiguration.class, OpenTelemetryTracingAutoConfiguration.class,
					OpenTelemetrySdkAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.startup-timeout=0s",
					"pluggable.components.orders.type=state.java", "pluggable.components.orders.required=true",
					"management.tracing.sampling.probability=1", "management.tracing.baggage.remote-fields=tenant")
			.withBean(SpanProcessor.class, () -> SimpleSpanProcessor.create(this.exporter))
			.withBean(Orders.class);
	}

	@ParameterizedTest
	@CsvSource({ "bus, false, false", "bus, true, false", "bus, false, true", "in-memory, false, false",
			"in-memory, true, false", "in-memory, false, true" })
	void aTraceGoesThroughATopicToTheNextComponent(String type, boolean cloudEvents, boolean bulk) throws Exception {
		SubscribedPubSub pubSub = new SubscribedPubSub();
		try (pubSub;
				ComponentServer server = ComponentServer.inFolder(this.folder, "bus")
					.serve(PubSubKind.INSTANCE, (name, metadata) -> pubSub)
					.start();
				ComponentProcess process = ComponentProcess.stateStore(this.folder.resolve("java.sock"))) {
			runner()
				.withPropertyValues("pluggable.components.bus.type=pubsub." + type,
						"pluggable.components.bus.required=true")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
					listening(context);
					if (type.equals("bus")) {
						pubSub.awaitSubscription();
					}
					PubSubTemplate template = context.getBean(PubSubTemplate.class).withCloudEvents(cloudEvents);
					request(context, () -> {
						if (bulk) {
							template.convertAndSendAll("orders", List.of("o-1"));
						}
						else {
							template.convertAndSend("orders", "o-1");
						}
					});
					assertThat(context.getBean(Orders.class).tenants.poll(20, TimeUnit.SECONDS)).isEqualTo("acme");
					SpanData request = span("request");
					SpanData message = span("bus orders");
					SpanData set = span("orders Set");
					assertThat(List.of(message.getTraceId(), set.getTraceId())).containsOnly(request.getTraceId());
					assertThat(message.getParentSpanId()).isEqualTo(request.getSpanId());
					assertThat(message.getKind()).isEqualTo(SpanKind.CONSUMER);
					assertThat(set.getParentSpanId()).isEqualTo(message.getSpanId());
					assertThat(set.getKind()).isEqualTo(SpanKind.CLIENT);
					if (type.equals("bus")) {
						SpanData publish = span(bulk ? "bus BulkPublish" : "bus Publish");
						assertThat(publish.getTraceId()).isEqualTo(request.getTraceId());
						assertThat(publish.getParentSpanId()).isEqualTo(request.getSpanId());
					}
				});
		}
	}

	@Test
	void aMessageOfAForeignPublisherContinuesItsTrace() throws Exception {
		try (ComponentProcess process = ComponentProcess.stateStore(this.folder.resolve("java.sock"))) {
			runner().withPropertyValues("pluggable.components.bus.type=pubsub.in-memory").run((context) -> {
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				listening(context);
				context.getBean(PubSubTemplate.class).pubSub().publish("orders", """
						{"specversion":"1.0","id":"1","source":"app","type":"com.dapr.event.sent","data":"o-1",
						"traceid":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}""".getBytes());
				SpanData message = span("bus orders");
				assertThat(message.getTraceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
				assertThat(message.getParentSpanId()).isEqualTo("00f067aa0ba902b7");
				assertThat(span("orders Set").getTraceId()).isEqualTo(message.getTraceId());
			});
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 7000, 200_000 })
	void aTraceOfAPublisherNeverKeepsTheListenerFromCalling(int size) throws Exception {
		try (ComponentProcess process = ComponentProcess.stateStore(this.folder.resolve("java.sock"))) {
			runner().withPropertyValues("pluggable.components.bus.type=pubsub.in-memory").run((context) -> {
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				listening(context);
				context.getBean(PubSubTemplate.class)
					.pubSub()
					.publish(PublishRequest.of("orders", "o-1")
						.withMetadata(Map.of("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
								"tracestate", "a=" + "x".repeat(size), "baggage",
								"tenant=" + "y".repeat(size) + ",other=" + "z".repeat(size))));
				assertThat(span("orders Set").getStatus().getStatusCode()).isNotEqualTo(StatusCode.ERROR);
				Awaitility.await()
					.atMost(TIMEOUT)
					.untilAsserted(
							() -> assertThat(context.getBean("orders", StateStore.class).get("o-1")).isPresent());
			});
		}
	}

	private static void listening(AssertableApplicationContext context) {
		Awaitility.await()
			.atMost(TIMEOUT)
			.until(() -> context.getBean(ListenerRegistry.class).listeners().get(0).stream() != null
					&& context.getBean(ListenerRegistry.class)
						.listeners()
						.get(0)
						.stream()
						.state() == StreamStatus.State.ACTIVE);
	}

	/**
	 * Run an action like a request that has come from elsewhere.
	 */
	private static void request(AssertableApplicationContext context, Runnable action) {
		Tracer tracer = context.getBean(Tracer.class);
		Observation.createNotStarted("request", context.getBean(ObservationRegistry.class)).observe(() -> {
			try (BaggageInScope baggage = tracer.createBaggageInScope("tenant", "acme")) {
				action.run();
			}
		});
	}

	private SpanData span(String name) {
		return Awaitility.await()
			.atMost(TIMEOUT)
			.until(() -> this.exporter.getFinishedSpanItems()
				.stream()
				.filter((span) -> span.getName().equals(name))
				.findFirst()
				.orElse(null), (span) -> span != null);
	}

	/**
	 * Stores what it receives.
	 */
	static class Orders {

		final BlockingQueue<String> tenants = new LinkedBlockingQueue<>();

		private final StateStore store;

		private final Tracer tracer;

		Orders(@org.springframework.beans.factory.annotation.Qualifier("orders") StateStore store, Tracer tracer) {
			this.store = store;
			this.tracer = tracer;
		}

		@TopicListener(pubsub = "bus", topic = "orders")
		void placed(String order) {
			Baggage tenant = this.tracer.getBaggage("tenant");
			this.tenants.add((tenant != null && tenant.get() != null) ? tenant.get() : "nobody");
			this.store.set(order, new byte[] { 1 });
		}

	}

}
