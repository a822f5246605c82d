package dev.pluggable.sample.host;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.MediaType;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TopicController} and the classes behind it on a real server.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "pluggable.components.orders.type=state.in-memory",
				"pluggable.components.bus.metadata.maxMessages=3", "sample.heartbeat=50ms" })
@Timeout(60)
class TopicControllerTests {

	@TempDir
	static Path folder;

	@LocalServerPort
	private int port;

	@Autowired
	private TopicStreams streams;

	private final List<EventStream> clients = new ArrayList<>();

	private RestTestClient client;

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("pluggable.socket-folders", folder::toString);
	}

	@BeforeEach
	void prepare() {
		this.client = RestTestClient.bindToServer().baseUrl("http://127.0.0.1:" + this.port).build();
	}

	@AfterEach
	void leave() throws IOException {
		for (EventStream stream : this.clients) {
			stream.close();
		}
		Awaitility.await().untilAsserted(() -> assertThat(this.streams.open()).isEmpty());
	}

	private EventStream follow(String topic) throws Exception {
		EventStream stream = EventStream.open(this.port, "/topics/bus/" + topic);
		this.clients.add(stream);
		return stream;
	}

	private RestTestClient.ResponseSpec publish(String topic, MediaType contentType, byte[] data) {
		return this.client.post().uri("/topics/bus/" + topic).contentType(contentType).body(data).exchange();
	}

	private void publish(String topic, String text) {
		publish(topic, MediaType.TEXT_PLAIN, text.getBytes()).expectStatus().isNoContent();
	}

	private static void awaitEvents(EventStream stream, String... events) {
		Awaitility.await().untilAsserted(() -> assertThat(stream.events()).containsExactly(events));
	}

	@Test
	void whenPublishedThenEachClientGetsIt() throws Exception {
		EventStream first = follow("news");
		EventStream second = follow("news");
		EventStream other = follow("other");
		assertThat(first.response().headers().firstValue("Content-Type")).hasValue("text/event-stream");
		publish("news", MediaType.APPLICATION_JSON, "{\"a\": 1}\n".getBytes()).expectStatus().isNoContent();
		publish("news", MediaType.APPLICATION_OCTET_STREAM, new byte[] { -1, 0 }).expectStatus().isNoContent();
		publish("other", "text");
		for (EventStream stream : List.of(first, second)) {
			Awaitility.await().until(() -> stream.events().size() == 2);
			assertThat(stream.events().get(0)).contains("\"contentType\":\"application/json\"",
					"\"data\":\"{\\\"a\\\": 1}\\n\"", "\"topic\":\"news\"");
			assertThat(stream.events().get(1))
				.contains("\"contentType\":\"application/octet-stream\"", "\"base64\":\"/wA=\"")
				.doesNotContain("\"data\"");
			assertThat(stream.lines()).filteredOn((line) -> line.startsWith("id:")).hasSize(2);
		}
		Awaitility.await().until(() -> other.events().size() == 1);
		assertThat(other.events().get(0)).contains("\"data\":\"text\"");
	}

	@Test
	void whenBodyIsCalledAFormThenItIsStillTheData() throws Exception {
		EventStream stream = follow("forms");
		publish("forms?x=y", MediaType.APPLICATION_FORM_URLENCODED, "a=b&c=%20".getBytes()).expectStatus()
			.isNoContent();
		publish("forms", MediaType.APPLICATION_FORM_URLENCODED, "tea".getBytes()).expectStatus().isNoContent();
		Awaitility.await().until(() -> stream.events().size() == 2);
		assertThat(stream.events().get(0)).contains("\"data\":\"a=b&c=%20\"").doesNotContain("contentType");
		assertThat(stream.events().get(1)).contains("\"data\":\"tea\"");
	}

	/**
	 * A group that stays would be full after three messages, and the next message could
	 * not be published.
	 */
	@Test
	void whenClientLeavesThenItsSubscriptionEnds() throws Exception {
		EventStream stream = follow("left");
		assertThat(this.streams.open()).extracting(TopicStream.View::topic).containsExactly("left");
		this.client.get().uri("/topics").exchange().expectBody().json("""
				[{"component":"bus","topic":"left","state":"ACTIVE","received":0}]""");
		stream.close();
		Awaitility.await().untilAsserted(() -> assertThat(this.streams.open()).isEmpty());
		for (int i = 0; i < 10; i++) {
			publish("left", "nobody reads this");
		}
	}

	@Test
	void whenNothingIsPublishedThenThereAreHeartbeats() throws Exception {
		EventStream stream = follow("quiet");
		Awaitility.await()
			.untilAsserted(() -> assertThat(stream.lines()).contains(":messages of topic quiet", ":heartbeat"));
		assertThat(stream.events()).isEmpty();
	}

	@Test
	void whenThereAreTooManyClientsThenTheNextIsSentAway() throws Exception {
		for (int i = 0; i < 100; i++) {
			assertThat(follow("crowd").response().statusCode()).isEqualTo(200);
		}
		assertThat(follow("crowd").response().statusCode()).isEqualTo(503);
	}

	@Test
	void whenComponentIsUnknownThenNotFound() throws Exception {
		try (EventStream stream = EventStream.open(this.port, "/topics/unknown/t")) {
			assertThat(stream.response().statusCode()).isEqualTo(404);
			assertThat(stream.response().headers().firstValue("Content-Type")).hasValue("application/problem+json");
		}
		assertThat(this.streams.open()).isEmpty();
	}

	@Test
	void whenPublishingFailsThenStatusSaysSo() {
		this.client.post().uri("/topics/unknown/t").exchange().expectStatus().isNotFound();
		publish("+", MediaType.TEXT_PLAIN, new byte[1]).expectStatus().isBadRequest();
		publish("t", MediaType.TEXT_PLAIN, new byte[4 * 1024 * 1024 + 1]).expectStatus().isEqualTo(413);
	}

	@Test
	void whenOrdersArePublishedThenTheyAreCounted() {
		publish("orders", "tea");
		publish("orders", MediaType.APPLICATION_JSON, "{}".getBytes()).expectStatus().isNoContent();
		Awaitility.await()
			.until(() -> this.client.get().uri("/orders/count").exchange().returnResult(String.class).getResponseBody(),
					"{\"orders\":2}"::equals);
	}

	@Test
	void whenApplicationEndsThenClientsDoNotKeepIt() throws Exception {
		ConfigurableApplicationContext context = SpringApplication.run(SampleApplication.class, "--server.port=0",
				"--pluggable.components.orders.type=state.in-memory", "--pluggable.socket-folders=" + folder);
		int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
		EventStream stream = EventStream.open(port, "/topics/bus/t");
		long start = System.nanoTime();
		context.close();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
		assertThat(stream.awaitEnd(5)).isTrue();
		Awaitility.await()
			.atMost(5, TimeUnit.SECONDS)
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.filter((thread) -> thread.getName().equals("topic-heartbeat"))
				.count() == 1);
	}

}
