package dev.pluggable.sample.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs the whole sample: the application in this process, and its component in another
 * process, which the test kills and starts again.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT, properties = "sample.heartbeat=100ms")
@DirtiesContext
@Timeout(180)
class SampleApplicationTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	@TempDir
	static Path folder;

	@LocalServerPort
	private int port;

	private RestTestClient client;

	private JavaComponent component;

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("pluggable.socket-folders", () -> sockets().toString());
	}

	private static Path sockets() {
		return folder.resolve("s");
	}

	@BeforeEach
	void prepare() throws IOException {
		Files.createDirectories(sockets());
		this.client = RestTestClient.bindToServer().baseUrl("http://127.0.0.1:" + this.port).build();
	}

	@AfterEach
	void endComponent() throws InterruptedException {
		if (this.component != null) {
			this.component.kill();
		}
	}

	private void startComponent() throws IOException {
		this.component = JavaComponent.start(sockets(), folder.resolve("data"));
	}

	@Test
	void whenComponentComesAndGoesThenApplicationGoesOn() throws Exception {
		whenNobodyIsThereThenUnavailable("PENDING");
		startComponent();
		awaitHealth(200);
		whenValueIsPutThenItComesBack();
		whenEtagIsStaleThenPreconditionFails();
		whenListedThenComponentIsReady();
		assertThat(visit()).isEqualTo("{\"visits\":1}");
		String etag = etag("k");
		whenSecretIsReadThenItsLengthIsTold();
		whenBindingIsInvokedThenItAnswers();
		EventStream stream = EventStream.open(this.port, "/topics/bus/orders");
		publish("first");
		awaitEvents(stream, 1);
		awaitOrders(1);

		this.component.kill();
		awaitHealth(503);
		whenNobodyIsThereThenUnavailable("UNAVAILABLE");
		publish("second");
		awaitEvents(stream, 2);

		startComponent();
		awaitHealth(200);
		awaitOrders(2);
		publish("third");
		awaitEvents(stream, 3);
		assertThat(stream.events()).extracting((event) -> event.replaceAll(".*\"data\":\"(\\w+)\".*", "$1"))
			.containsExactly("first", "second", "third");
		stream.close();
		Awaitility.await().atMost(PATIENCE).until(() -> body("/topics"), "[]"::equals);
		assertThat(get("k")).isEqualTo("v");
		assertThat(etag("k")).isEqualTo(etag);
		assertThat(visit()).isEqualTo("{\"visits\":2}");
	}

	private void awaitHealth(int status) {
		Awaitility.await().atMost(PATIENCE).until(this::healthStatus, (current) -> current == status);
	}

	private int healthStatus() {
		return this.client.get()
			.uri("/actuator/health/pluggable")
			.exchange()
			.returnResult(String.class)
			.getStatus()
			.value();
	}

	private void whenNobodyIsThereThenUnavailable(String state) {
		this.client.get()
			.uri("/actuator/health/pluggable")
			.exchange()
			.expectStatus()
			.isEqualTo(503)
			.expectBody()
			.jsonPath("$.status")
			.isEqualTo("DOWN")
			.jsonPath("$.components.orders.status")
			.isEqualTo("DOWN")
			.jsonPath("$.components.orders.details.reason")
			.isNotEmpty();
		this.client.get()
			.uri("/state/orders/k")
			.exchange()
			.expectStatus()
			.isEqualTo(503)
			.expectHeader()
			.valueEquals(HttpHeaders.RETRY_AFTER, "1")
			.expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON)
			.expectBody()
			.jsonPath("$.mayHaveBeenApplied")
			.isEqualTo(false);
		this.client.get()
			.uri("/components")
			.exchange()
			.expectBody()
			.jsonPath("$[?(@.name == 'orders')].state")
			.isEqualTo(state)
			.jsonPath("$[?(@.name == 'orders')].reason")
			.isNotEmpty();
	}

	private void whenValueIsPutThenItComesBack() {
		this.client.put()
			.uri("/state/orders/k")
			.contentType(MediaType.APPLICATION_FORM_URLENCODED)
			.body("v".getBytes(StandardCharsets.UTF_8))
			.exchange()
			.expectStatus()
			.isNoContent();
		assertThat(get("k")).isEqualTo("v");
	}

	private void whenEtagIsStaleThenPreconditionFails() {
		String first = etag("k");
		this.client.put()
			.uri("/state/orders/k")
			.header(HttpHeaders.IF_MATCH, first)
			.body("w".getBytes(StandardCharsets.UTF_8))
			.exchange()
			.expectStatus()
			.isNoContent();
		this.client.put()
			.uri("/state/orders/k")
			.header(HttpHeaders.IF_MATCH, first)
			.body("x".getBytes(StandardCharsets.UTF_8))
			.exchange()
			.expectStatus()
			.isEqualTo(412);
		this.client.put()
			.uri("/state/orders/k")
			.header(HttpHeaders.IF_MATCH, etag("k"))
			.body("v".getBytes(StandardCharsets.UTF_8))
			.exchange()
			.expectStatus()
			.isNoContent();
	}

	private void whenListedThenComponentIsReady() {
		this.client.get().uri("/components").exchange().expectStatus().isOk().expectBody().json("""
				[{"name":"h2","kind":"output-bindings","type":"bindings.h2","state":"READY","declared":true,
				"endpoint":"h2"},
				{"name":"bus","kind":"pubsub","type":"pubsub.in-memory","state":"READY","declared":true},
				{"name":"vault","kind":"secretstores","type":"secretstores.env","state":"READY","declared":true},
				{"name":"orders","kind":"state","type":"state.h2","state":"READY","reason":null,
				"features":["ETAG","TRANSACTIONAL","TTL"],"declared":true,"endpoint":"h2"}]""");
	}

	private void whenSecretIsReadThenItsLengthIsTold() {
		this.client.get().uri("/secrets/vault").exchange().expectStatus().isOk().expectBody().json("[\"GREETING\"]");
		this.client.get()
			.uri("/secrets/vault/GREETING")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody(String.class)
			.isEqualTo("{\"GREETING\":9}");
		this.client.get().uri("/secrets/vault/absent").exchange().expectStatus().isNotFound();
		this.client.get().uri("/secrets/unknown").exchange().expectStatus().isNotFound();
	}

	private void whenBindingIsInvokedThenItAnswers() {
		invoke("h2/list?store=orders").expectStatus()
			.isOk()
			.expectHeader()
			.contentType(MediaType.APPLICATION_JSON)
			.expectBody(String.class)
			.isEqualTo("[\"k\",\"visits\"]");
		invoke("h2/list?after=k").expectBody(String.class).isEqualTo("[\"visits\"]");
		invoke("h2/compact").expectStatus().isOk().expectBody().jsonPath("$.after").isNumber();
		invoke("h2/list?store=unknown").expectStatus().isBadRequest();
		invoke("h2/drop").expectStatus().isEqualTo(501);
		invoke("unknown/list").expectStatus().isNotFound();
	}

	private RestTestClient.ResponseSpec invoke(String path) {
		return this.client.post()
			.uri("/bindings/" + path)
			.contentType(MediaType.APPLICATION_FORM_URLENCODED)
			.body("store=unknown".getBytes(StandardCharsets.UTF_8))
			.exchange();
	}

	private void publish(String text) {
		this.client.post()
			.uri("/topics/bus/orders")
			.contentType(MediaType.TEXT_PLAIN)
			.body(text.getBytes(StandardCharsets.UTF_8))
			.exchange()
			.expectStatus()
			.isNoContent();
	}

	private static void awaitEvents(EventStream stream, int count) {
		Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(stream.events()).hasSize(count));
	}

	private void awaitOrders(int count) {
		Awaitility.await().atMost(PATIENCE).until(() -> body("/orders/count"), ("{\"orders\":" + count + "}")::equals);
	}

	private String body(String path) {
		return this.client.get().uri(path).exchange().returnResult(String.class).getResponseBody();
	}

	private String get(String key) {
		return this.client.get()
			.uri("/state/orders/" + key)
			.exchange()
			.expectStatus()
			.isOk()
			.returnResult(String.class)
			.getResponseBody();
	}

	private String etag(String key) {
		return this.client.get()
			.uri("/state/orders/" + key)
			.exchange()
			.returnResult(String.class)
			.getResponseHeaders()
			.getETag();
	}

	private String visit() {
		return this.client.post()
			.uri("/counter")
			.exchange()
			.expectStatus()
			.isOk()
			.returnResult(String.class)
			.getResponseBody();
	}

}
