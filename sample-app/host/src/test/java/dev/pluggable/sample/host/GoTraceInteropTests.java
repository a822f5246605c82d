package dev.pluggable.sample.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.pluggable.Component;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.ComponentState;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.pubsub.PubSubTemplates;
import dev.pluggable.spring.pubsub.TopicListener;
import dev.pluggable.state.StateStore;
import dev.pluggable.stream.StreamStatus;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Follows one trace from an HTTP request through the broker in Go to a listener, and from
 * there to the store in Go. Fails if Go is missing.
 */
@Tag("interop")
@Timeout(120)
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		classes = { SampleApplication.class, GoTraceInteropTests.Traced.class },
		properties = { "pluggable.components.bus.type=pubsub.broker", "pluggable.components.orders.type=state.memory",
				"management.tracing.sampling.probability=1", "management.tracing.export.enabled=true" })
@DirtiesContext
class GoTraceInteropTests {

	private static final Counterpart GO_PUBSUB = Counterpart.of("go-pubsub");

	private static final Counterpart GO_MEMORY = Counterpart.of("go-memory");

	@TempDir
	static Path folder;

	private static ComponentProcess broker;

	private static ComponentProcess memory;

	@LocalServerPort
	private int port;

	@Autowired
	private ComponentRegistry components;

	@Autowired
	private ListenerRegistry listeners;

	@Autowired
	private InMemorySpanExporter exporter;

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("pluggable.socket-folders", folder::toString);
	}

	@BeforeAll
	static void buildAndStart() throws Exception {
		broker = GO_PUBSUB.start(folder, GO_PUBSUB.goBuild(Files.createDirectory(folder.resolve("broker"))).toString());
		memory = GO_MEMORY.start(folder, GO_MEMORY.goBuild(Files.createDirectory(folder.resolve("memory"))).toString());
	}

	@AfterAll
	static void stop() {
		broker.close();
		memory.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void oneTraceGoesFromARequestThroughABrokerInGoToAStoreInGo(boolean cloudEvents) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).until(this::ready);
		this.exporter.reset();
		// The broker keeps no message for a subscription that has not arrived yet.
		Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofSeconds(2)).until(() -> {
			boolean handled = isHandled();
			if (!handled) {
				request(cloudEvents);
			}
			return handled;
		});
		SpanData set = span("orders Set");
		SpanData message = span("bus parcels");
		SpanData publish = span("bus Publish");
		SpanData request = span("http post /traced/{cloudEvents}");
		assertThat(List.of(set.getTraceId(), message.getTraceId(), publish.getTraceId()))
			.containsOnly(request.getTraceId());
		assertThat(request.getKind()).isEqualTo(SpanKind.SERVER);
		assertThat(publish.getParentSpanId()).isEqualTo(request.getSpanId());
		assertThat(message.getParentSpanId()).isEqualTo(request.getSpanId());
		assertThat(set.getParentSpanId()).isEqualTo(message.getSpanId());
	}

	private boolean isHandled() {
		return this.exporter.getFinishedSpanItems().stream().anyMatch((span) -> span.getName().equals("orders Set"));
	}

	private void request(boolean cloudEvents) {
		this.exporter.reset();
		RestTestClient.bindToServer()
			.baseUrl("http://127.0.0.1:" + this.port)
			.build()
			.post()
			.uri("/traced/{cloudEvents}", cloudEvents)
			.exchange()
			.expectStatus()
			.isOk();
	}

	private boolean ready() {
		return this.listeners.find("traced").filter((listener) -> {
			StreamStatus stream = listener.stream();
			return stream != null && stream.state() == StreamStatus.State.ACTIVE;
		}).isPresent() && this.components.components()
			.stream()
			.filter(Component::required)
			.allMatch((component) -> component.status().state() == ComponentState.READY);
	}

	private SpanData span(String name) {
		return Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.until(() -> this.exporter.getFinishedSpanItems()
				.stream()
				.filter((span) -> span.getName().equals(name))
				.findFirst()
				.orElse(null), (span) -> span != null);
	}

	/**
	 * A controller and a listener like those of an application.
	 */
	@TestConfiguration(proxyBeanMethods = false)
	@Import(Parcels.class)
	static class Traced {

		@Bean
		InMemorySpanExporter exporter() {
			return InMemorySpanExporter.create();
		}

		@Bean
		SpanProcessor processor(InMemorySpanExporter exporter) {
			return SimpleSpanProcessor.create(exporter);
		}

	}

	/**
	 * Publishes and stores parcels.
	 */
	@RestController
	static class Parcels {

		private final PubSubTemplates templates;

		private final StateStore store;

		Parcels(PubSubTemplates templates, @Qualifier("orders") StateStore store) {
			this.templates = templates;
			this.store = store;
		}

		@PostMapping("/traced/{cloudEvents}")
		void publish(@PathVariable boolean cloudEvents) {
			this.templates.forComponent("bus").withCloudEvents(cloudEvents).convertAndSend("parcels", "p-1");
		}

		@TopicListener(id = "traced", pubsub = "bus", topic = "parcels")
		void parcel(String id) {
			this.store.set(id, new byte[] { 1 });
		}

	}

}
