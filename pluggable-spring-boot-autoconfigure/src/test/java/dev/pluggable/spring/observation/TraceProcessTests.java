package dev.pluggable.spring.observation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentClient;
import dev.pluggable.fixtures.ChainPluginMain;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.fixtures.SubscribedPubSub;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.fixtures.TracePassing;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.remote.RemoteObject;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.spring.ClientKind;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.observation.PluggableObservationAutoConfiguration;
import dev.pluggable.spring.autoconfigure.plugin.PluggablePluginAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.plugin.HostService;
import dev.pluggable.spring.pubsub.PubSubTemplate;
import dev.pluggable.spring.pubsub.TopicListener;
import dev.pluggable.state.StateStore;
import dev.pluggable.stream.StreamStatus;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Follows one trace through an application and its processes, with OpenTelemetry.
 */
class TraceProcessTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final InMemorySpanExporter exporter = InMemorySpanExporter.create();

	private Path folder;

	@BeforeEach
	void createFolder() throws Exception {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "tpt");
	}

	@AfterEach
	void leavesNothing() throws Exception {
		Files.deleteIfExists(this.folder.resolve("java.sock"));
		assertThat(this.folder).isEmptyDirectory();
		Files.delete(this.folder);
	}

	private ApplicationContextRunner runner() {
		List<String> properties = new ArrayList<>(
				List.of("pluggable.socket-folders=" + this.folder, "pluggable.plugin-directory=" + this.folder,
						"pluggable.defaults.call-timeout=30s", "pluggable.components.bus.type=pubsub.bus",
						"pluggable.components.orders.type=state.java", "pluggable.components.bus.required=true",
						"pluggable.components.orders.required=true", "management.tracing.sampling.probability=1"));
		for (String name : List.of("first", "second")) {
			String plugin = "pluggable.plugins." + name + ".";
			properties
				.add(plugin + "command=" + String.join(",", JavaCommand.of(ChainPluginMain.class, "no-reflection")));
			properties.add(plugin + "handshake.cookie-key=" + GoPluginMain.COOKIE_KEY);
			properties.add(plugin + "handshake.cookie-value=" + GoPluginMain.COOKIE_VALUE);
			properties.add("pluggable.components." + name + ".type=chain." + name);
		}
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class, JacksonAutoConfiguration.class,
					PluggablePluginAutoConfiguration.class, PluggableListenerAutoConfiguration.class,
					PluggablePubSubAutoConfiguration.class, PluggableObservationAutoConfiguration.class,
					ObservationAutoConfiguration.class, MicrometerTracingAutoConfiguration.class,
					OpenTelemetryTracingAutoConfiguration.class, OpenTelemetrySdkAutoConfiguration.class))
			.withPropertyValues(properties.toArray(String[]::new))
			.withBean(SpanProcessor.class, () -> SimpleSpanProcessor.create(this.exporter))
			.withUserConfiguration(Application.class);
	}

	@Test
	void oneTraceGoesFromARequestThroughATopicToAPluginWhichCallsTheApplication() throws Exception {
		SubscribedPubSub pubSub = new SubscribedPubSub();
		try (pubSub;
				ComponentServer server = ComponentServer.inFolder(this.folder, "bus")
					.serve(PubSubKind.INSTANCE, (name, metadata) -> pubSub)
					.start();
				ComponentProcess process = ComponentProcess.stateStore(this.folder.resolve("java.sock"))) {
			runner().run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				Awaitility.await().atMost(TIMEOUT).until(() -> listening(context.getBean(ListenerRegistry.class)));
				pubSub.awaitSubscription();
				Observation.createNotStarted("request", context.getBean(ObservationRegistry.class))
					.observe(() -> context.getBean(PubSubTemplate.class).convertAndSend("orders", "o-1"));
				assertThat(context.getBean(Orders.class).answers.poll(30, TimeUnit.SECONDS))
					.isEqualTo("somebody says signed o-1");
				SpanData request = span("request");
				SpanData message = span("bus orders");
				SpanData sign = span("workshop Sign");
				assertThat(message.getParentSpanId()).isEqualTo(request.getSpanId());
				assertThat(span("bus Publish").getParentSpanId()).isEqualTo(request.getSpanId());
				assertThat(span("orders Set").getParentSpanId()).isEqualTo(message.getSpanId());
				assertThat(sign.getParentSpanId()).isEqualTo(message.getSpanId());
				assertThat(context.getBean(Application.class).headers.poll(10, TimeUnit.SECONDS))
					.startsWith("00-" + request.getTraceId() + "-" + sign.getSpanId() + "-");
			});
		}
	}

	private static boolean listening(ListenerRegistry listeners) {
		StreamStatus stream = listeners.listeners().get(0).stream();
		return stream != null && stream.state() == StreamStatus.State.ACTIVE;
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
	 * An application that stores and signs what it receives. The plugin that signs calls
	 * the keystore of the application, which calls another plugin.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Application {

		final BlockingQueue<String> headers = new LinkedBlockingQueue<>();

		@Bean
		static ClientKind rootKind() {
			return new ClientKind("chain", ChainPluginMain.ROOT);
		}

		@Bean
		@HostService
		BindableService keystore(ObjectProvider<Orders> orders) {
			return () -> ServerInterceptors.intercept(
					Texts.service(ChainPluginMain.KEYSTORE, "Sign", (text) -> orders.getObject().say("signed " + text)),
					new ServerInterceptor() {

						@Override
						public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
								ServerCallHandler<Q, R> next) {
							Application.this.headers.add(String.valueOf(headers.get(TracePassing.TRACEPARENT)));
							return next.startCall(call, headers);
						}

					});
		}

		@Bean
		Orders listener(@Qualifier("first") ComponentClient first, @Qualifier("second") ComponentClient second,
				@Qualifier("orders") StateStore store) {
			return new Orders(first, second, store);
		}

	}

	/**
	 * Handles orders.
	 */
	static class Orders implements DisposableBean {

		final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

		private final RemoteObject speaker;

		private final RemoteObject workshop;

		private final StateStore store;

		Orders(ComponentClient first, ComponentClient second, StateStore store) {
			this.speaker = RemoteObject.create(second, "speaker", (creation) -> id(creation, "NewSpeaker", "somebody"));
			this.workshop = RemoteObject.create(first, "workshop", (creation) -> id(creation, "NewWorkshop",
					Integer.toString(creation.offer(ChainPluginMain.KEYSTORE))));
			this.store = store;
		}

		private static int id(RemoteObject.Creation creation, String method, String request) {
			return Integer.parseInt(Texts.call(creation.channel(), ChainPluginMain.ROOT, method, request));
		}

		String say(String text) {
			return Texts.call(this.speaker.channel(), ChainPluginMain.SPEAKER, "Say", text);
		}

		@TopicListener(pubsub = "bus", topic = "orders")
		void placed(String order) {
			this.store.set(order, new byte[] { 1 });
			this.answers.add(Texts.call(this.workshop.channel(), ChainPluginMain.WORKSHOP, "Sign", order));
		}

		@Override
		public void destroy() {
			this.workshop.close();
			this.speaker.close();
		}

	}

}
