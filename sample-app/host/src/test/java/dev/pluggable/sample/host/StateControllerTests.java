package dev.pluggable.sample.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StateController} and other controllers on a real server, with a store
 * in memory.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = "pluggable.components.orders.type=state.in-memory")
class StateControllerTests {

	@TempDir
	static Path folder;

	@LocalServerPort
	private int port;

	@Autowired
	private VisitCounter counter;

	private RestTestClient client;

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("pluggable.socket-folders", folder::toString);
	}

	@BeforeEach
	void prepare() {
		this.client = RestTestClient.bindToServer().baseUrl("http://127.0.0.1:" + this.port).build();
	}

	private RestTestClient.RequestBodySpec put(String key) {
		return this.client.put().uri("/state/orders/" + key);
	}

	private RestTestClient.ResponseSpec get(String key) {
		return this.client.get().uri("/state/orders/" + key).exchange();
	}

	private void store(String key, String value) {
		put(key).body(value.getBytes()).exchange().expectStatus().isNoContent();
	}

	private String etag(String key) {
		String etag = get(key).returnResult(byte[].class).getResponseHeaders().getETag();
		assertThat(etag).startsWith("\"").endsWith("\"");
		return etag;
	}

	@Test
	void whenContentTypeIsGivenThenItComesBack() {
		put("json").contentType(MediaType.APPLICATION_JSON).body("{\"a\": 1}".getBytes()).exchange();
		get("json").expectStatus()
			.isOk()
			.expectHeader()
			.contentType(MediaType.APPLICATION_JSON)
			.expectHeader()
			.valueEquals("X-Content-Type-Options", "nosniff")
			.expectBody(String.class)
			.isEqualTo("{\"a\": 1}");
	}

	@Test
	void whenBodyIsSentAsFormThenItIsStillTheValue() {
		put("form?ttl=1h").contentType(MediaType.APPLICATION_FORM_URLENCODED)
			.body("a=b&c=%20".getBytes())
			.exchange()
			.expectStatus()
			.isNoContent();
		get("form").expectHeader()
			.contentType("text/plain;charset=UTF-8")
			.expectBody(String.class)
			.isEqualTo("a=b&c=%20");
	}

	@Test
	void whenValueIsNoTextThenItIsBytes() {
		byte[] value = { (byte) 0xff, 0, 1 };
		put("bytes").body(value).header(HttpHeaders.CONTENT_TYPE, "").exchange();
		get("bytes").expectHeader()
			.contentType(MediaType.APPLICATION_OCTET_STREAM)
			.expectBody(byte[].class)
			.isEqualTo(value);
	}

	@Test
	void whenBodyIsMissingThenValueIsEmpty() {
		put("empty").exchange().expectStatus().isNoContent();
		get("empty").expectStatus().isOk().expectBody().isEmpty();
	}

	@Test
	void whenKeyIsAbsentThenNotFound() {
		get("absent").expectStatus()
			.isNotFound()
			.expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON)
			.expectBody()
			.jsonPath("$.detail")
			.isEqualTo("Component 'orders' has no key 'absent'");
	}

	@Test
	void whenComponentIsUnknownThenNotFound() {
		this.client.get()
			.uri("/state/unknown/k")
			.exchange()
			.expectStatus()
			.isNotFound()
			.expectBody()
			.jsonPath("$.detail")
			.isEqualTo("There is no state store 'unknown'; there are [orders]");
	}

	@Test
	void whenNothingHasChangedThenNotModified() {
		store("cached", "v");
		String etag = etag("cached");
		this.client.get()
			.uri("/state/orders/cached")
			.header(HttpHeaders.IF_NONE_MATCH, etag)
			.exchange()
			.expectStatus()
			.isEqualTo(304)
			.expectHeader()
			.valueEquals(HttpHeaders.ETAG, etag)
			.expectBody()
			.isEmpty();
		store("cached", "w");
		this.client.get()
			.uri("/state/orders/cached")
			.header(HttpHeaders.IF_NONE_MATCH, etag)
			.exchange()
			.expectStatus()
			.isOk();
	}

	@Test
	void whenEtagIsStaleThenPreconditionFails() {
		store("guarded", "v");
		String etag = etag("guarded");
		put("guarded").header(HttpHeaders.IF_MATCH, etag).body("w".getBytes()).exchange().expectStatus().isNoContent();
		put("guarded").header(HttpHeaders.IF_MATCH, etag).body("x".getBytes()).exchange().expectStatus().isEqualTo(412);
		this.client.delete()
			.uri("/state/orders/guarded")
			.header(HttpHeaders.IF_MATCH, etag)
			.exchange()
			.expectStatus()
			.isEqualTo(412);
		this.client.delete()
			.uri("/state/orders/guarded")
			.header(HttpHeaders.IF_MATCH, etag("guarded"))
			.exchange()
			.expectStatus()
			.isNoContent();
		get("guarded").expectStatus().isNotFound();
	}

	@Test
	void whenOnlyToBeCreatedThenSecondWriteFails() {
		put("new").header(HttpHeaders.IF_NONE_MATCH, "*").body("v".getBytes()).exchange().expectStatus().isNoContent();
		put("new").header(HttpHeaders.IF_NONE_MATCH, "*").body("w".getBytes()).exchange().expectStatus().isEqualTo(412);
		get("new").expectBody(String.class).isEqualTo("v");
	}

	@ParameterizedTest
	@ValueSource(strings = { "*", "unquoted", "\"1\", \"2\"", "\"\"" })
	void whenIfMatchCannotBeUsedThenBadRequest(String header) {
		store("k", "v");
		put("k").header(HttpHeaders.IF_MATCH, header).body("w".getBytes()).exchange().expectStatus().isBadRequest();
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"abc\"", "\"%zz\"" })
	void whenIfMatchCannotBeOneOfTheStoresThenItMatchesNothing(String header) {
		store("k", "v");
		put("k").header(HttpHeaders.IF_MATCH, header).body("w".getBytes()).exchange().expectStatus().isEqualTo(412);
	}

	@Test
	void whenIfMatchIsWeakThenItMatchesNothing() {
		store("k", "v");
		put("k").header(HttpHeaders.IF_MATCH, "W/" + etag("k"))
			.body("w".getBytes())
			.exchange()
			.expectStatus()
			.isEqualTo(412);
	}

	@ParameterizedTest
	@ValueSource(strings = { "0s", "-1s", "soon" })
	void whenTimeToLiveIsWrongThenBadRequest(String ttl) {
		put("k?ttl=" + ttl).body("v".getBytes())
			.exchange()
			.expectStatus()
			.isBadRequest()
			.expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON);
	}

	@Test
	void whenListedThenBuiltInHasNoEndpoint() {
		this.client.get().uri("/components").exchange().expectBody().json("""
				[{"name":"h2","kind":"output-bindings","type":"bindings.h2","state":"PENDING","declared":true},
				{"name":"bus","kind":"pubsub","type":"pubsub.in-memory","state":"READY","declared":true,
				"endpoint":null},
				{"name":"vault","kind":"secretstores","type":"secretstores.env","state":"READY","declared":true,
				"endpoint":null},
				{"name":"orders","kind":"state","type":"state.in-memory","state":"READY","declared":true,
				"endpoint":null}]""");
	}

	@Test
	void whenManyVisitAtOnceThenNoneIsLost() throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(4);
		try {
			List<Future<Long>> visits = new ArrayList<>();
			for (int i = 0; i < 200; i++) {
				visits.add(executor.submit(this.counter::increment));
			}
			List<Long> counts = new ArrayList<>();
			for (Future<Long> visit : visits) {
				counts.add(visit.get());
			}
			assertThat(counts).doesNotHaveDuplicates();
		}
		finally {
			executor.shutdownNow();
		}
	}

}
