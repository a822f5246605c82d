package dev.pluggable.spring.bindings;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.bindings.InvokeRequest;
import dev.pluggable.bindings.InvokeResponse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link HttpBinding} with a real HTTP server.
 */
@Timeout(60)
class HttpBindingTests {

	private final List<Received> received = new CopyOnWriteArrayList<>();

	private final CountDownLatch end = new CountDownLatch(1);

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private HttpServer server;

	private HttpBinding binding;

	@BeforeEach
	void start() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.setExecutor(this.threads);
		this.server.start();
		this.binding = binding(Map.of());
	}

	@AfterEach
	void stop() throws Exception {
		this.end.countDown();
		this.binding.close();
		this.server.stop(0);
		this.threads.shutdownNow();
		assertThat(this.threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().startsWith("pluggable-http") && thread.isAlive()));
	}

	private String url() {
		return "http://localhost:" + this.server.getAddress().getPort();
	}

	private HttpBinding binding(Map<String, String> metadata) {
		Map<String, String> all = new HashMap<>(metadata);
		all.putIfAbsent("url", url() + "/api/");
		if (this.binding != null) {
			try {
				this.binding.close();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}
		this.binding = HttpBinding.create("web", all);
		return this.binding;
	}

	private void serve(String path, HttpHandler handler) {
		this.server.createContext(path, (exchange) -> {
			try (exchange) {
				this.received.add(new Received(exchange.getRequestMethod(), exchange.getRequestURI().toString(),
						new HashMap<>(exchange.getRequestHeaders()),
						new String(exchange.getRequestBody().readAllBytes())));
				handler.handle(exchange);
			}
		});
	}

	private static void answer(HttpExchange exchange, int status, String body) throws IOException {
		byte[] bytes = body.getBytes();
		boolean none = bytes.length == 0 || exchange.getRequestMethod().equals("HEAD");
		exchange.sendResponseHeaders(status, none ? -1 : bytes.length);
		if (!none) {
			exchange.getResponseBody().write(bytes);
		}
	}

	private InvokeResponse invoke(String operation, String... metadata) {
		Map<String, String> map = new HashMap<>();
		for (int i = 0; i < metadata.length; i += 2) {
			map.put(metadata[i], metadata[i + 1]);
		}
		return this.binding.invoke(InvokeRequest.of(operation, "s3cret-body".getBytes()).withMetadata(map));
	}

	private void assertFailure(String message, String operation, String... metadata) {
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> invoke(operation, metadata))
			.withMessageContaining("Invoke on output-bindings component 'web'")
			.withMessageContaining(message)
			.satisfies((ex) -> assertThat(ex).hasStackTraceContaining("web").satisfies(HttpBindingTests::noSecret));
	}

	private static void noSecret(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			assertThat(cause.toString()).doesNotContain("s3cret", "localhost");
		}
	}

	@ParameterizedTest
	@CsvSource({ "create,POST,s3cret-body", "post,POST,s3cret-body", "put,PUT,s3cret-body", "patch,PATCH,s3cret-body",
			"delete,DELETE,s3cret-body", "get,GET,", "head,HEAD,", "options,OPTIONS,", "trace,TRACE," })
	void whenInvokedThenTheMethodIsCalled(String operation, String method, String body) {
		serve("/api/a", (exchange) -> {
			exchange.getResponseHeaders().add("Content-Type", "text/plain");
			exchange.getResponseHeaders().add("X-Two", "1");
			exchange.getResponseHeaders().add("X-Two", "2");
			answer(exchange, 200, "answer");
		});
		InvokeResponse response = invoke(operation, "path", "/a?b=c", "X-Header", "value", "small", "ignored");
		assertThat(this.received).singleElement().satisfies((request) -> {
			assertThat(request.method()).isEqualTo(method);
			assertThat(request.uri()).isEqualTo("/api/a?b=c");
			assertThat(request.body()).isEqualTo((body != null) ? body : "");
			assertThat(request.headers()).containsEntry("X-header", List.of("value"))
				.containsEntry("Accept", List.of("application/json; charset=utf-8"))
				.doesNotContainKey("Small");
			assertThat(request.headers().get("Content-type"))
				.isEqualTo((body != null) ? List.of("application/json; charset=utf-8") : null);
		});
		assertThat(new String(response.data())).isEqualTo(method.equals("HEAD") ? "" : "answer");
		assertThat(response.contentType()).isEqualTo("text/plain");
		assertThat(response.metadata()).containsEntry("statusCode", "200")
			.hasEntrySatisfying("status", (status) -> assertThat(status).startsWith("200"))
			.anySatisfy((name, value) -> {
				assertThat(name).isEqualToIgnoringCase("x-two");
				assertThat(value).isEqualTo("1, 2");
			});
	}

	@Test
	void theTraceInTheMetadataIsHeaders() {
		serve("/", (exchange) -> answer(exchange, 200, ""));
		binding(Map.of());
		invoke("get", "traceparent", "00-1-2-01", "tracestate", "a=b", "baggage", "c=d", "traces", "ignored");
		assertThat(this.received.get(0).headers()).containsEntry("Traceparent", List.of("00-1-2-01"))
			.containsEntry("Tracestate", List.of("a=b"))
			.containsEntry("Baggage", List.of("c=d"))
			.doesNotContainKey("Traces");
	}

	@Test
	void whenHeadersAreGivenThenTheyReplaceTheDefaultsAndTheTokenIsSent() {
		binding(Map.of("securityToken", "s3cret", "securityTokenHeader", "X-Token"));
		serve("/api", (exchange) -> answer(exchange, 204, ""));
		invoke("create", "Content-Type", "text/plain", "Accept", "text/csv");
		assertThat(this.received.get(0).headers()).containsEntry("Content-type", List.of("text/plain"))
			.containsEntry("Accept", List.of("text/csv"))
			.containsEntry("X-token", List.of("s3cret"));
		assertThat(this.received.get(0).uri()).isEqualTo("/api/");
	}

	@Test
	void whenTheOperationIsUnknownThenNothingIsSent() {
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class).isThrownBy(() -> invoke("connect"))
			.withMessageContaining("'connect'")
			.withMessageContaining("[create, delete, get, head, options, patch, post, put, trace]");
		assertThat(this.binding.operations()).hasSize(9);
	}

	@ParameterizedTest
	@ValueSource(strings = { "../s3cret", "a/../../s3cret", "%2e%2E/s3cret", "a/./s3cret", "s3cret space", "a#s3cret",
			"%zz" })
	void whenThePathLeadsAwayThenItIsRefused(String path) {
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> invoke("get", "path", path))
			.withMessageContaining("'path'")
			.satisfies(HttpBindingTests::noSecret);
	}

	@Test
	void whenThePathLooksLikeAnotherHostThenItIsAPath() {
		serve("/", (exchange) -> answer(exchange, 200, ""));
		invoke("get", "path", "//other.example/x@y");
		assertThat(this.received.get(0).uri()).isEqualTo("/api/other.example/x@y");
	}

	@Test
	void whenAHeaderIsNoneThenItIsRefused() {
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> invoke("get", "X-Bad", "s3cret\r\nX-Other: y"))
			.withMessageContaining("headers")
			.satisfies(HttpBindingTests::noSecret);
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> invoke("get", "X Bad", "s3cret"))
			.satisfies(HttpBindingTests::noSecret);
	}

	@Test
	void whenTheStatusIsAnErrorThenItIsOneUnlessItIsNotWanted() {
		serve("/api", (exchange) -> answer(exchange, 500, "s3cret-answer"));
		assertFailure("status 500", "get", "path", "s3cret");
		assertThat(invoke("get", "errorIfNot2XX", "false").metadata()).containsEntry("statusCode", "500");
		binding(Map.of("errorIfNot2XX", "false"));
		InvokeResponse response = invoke("get");
		assertThat(new String(response.data())).isEqualTo("s3cret-answer");
		assertFailure("status 500", "get", "errorIfNot2XX", "true");
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> invoke("get", "errorIfNot2XX", "perhaps"))
			.withMessageContaining("'errorIfNot2XX'");
	}

	@Test
	void whenNobodyListensThenItIsUnavailableAndWasNotSent() throws IOException {
		int port;
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			port = socket.getLocalPort();
		}
		binding(Map.of("url", "http://localhost:" + port + "/s3cret"));
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> invoke("get"))
			.satisfies((ex) -> assertThat(ex.mayHaveBeenApplied()).isFalse())
			.satisfies(HttpBindingTests::noSecret);
	}

	@Test
	void whenTheServerHangsThenTheTimeIsLimited() {
		binding(Map.of("responseTimeout", "200ms"));
		serve("/api", (exchange) -> {
			try {
				this.end.await(20, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		assertFailure("no complete answer within 200 ms", "get", "path", "s3cret");
	}

	@Test
	void whenTheServerHangsInTheBodyThenTheTimeIsLimited() {
		binding(Map.of("responseTimeout", "300ms"));
		serve("/api", (exchange) -> {
			exchange.sendResponseHeaders(200, 1000);
			exchange.getResponseBody().write(1);
			exchange.getResponseBody().flush();
			try {
				this.end.await(20, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		long start = System.nanoTime();
		assertFailure("no complete answer within 300 ms", "get", "path", "s3cret");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
	}

	@Test
	void whenTheServerBreaksOffThenItIsAFailure() {
		serve("/api", (exchange) -> {
			exchange.sendResponseHeaders(200, 1000);
			exchange.getResponseBody().write(1);
			exchange.getResponseBody().flush();
			throw new IOException("broken");
		});
		assertFailure("the connection to the server failed", "get");
	}

	@Test
	void whenTheBodyIsTooLargeThenItIsNotReadToItsEnd() {
		binding(Map.of("maxResponseBodySize", "1KB", "responseTimeout", "20s"));
		serve("/api/exact", (exchange) -> answer(exchange, 200, "x".repeat(1024)));
		assertThat(invoke("get", "path", "exact").data()).hasSize(1024);
		serve("/api/endless", (exchange) -> {
			exchange.sendResponseHeaders(200, 0);
			OutputStream body = exchange.getResponseBody();
			byte[] data = new byte[8192];
			while (this.end.getCount() > 0) {
				body.write(data);
			}
		});
		long start = System.nanoTime();
		assertFailure("'maxResponseBodySize'", "get", "path", "endless");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
	}

	@ParameterizedTest
	@CsvSource({ "301,GET", "302,GET", "303,GET", "307,POST", "308,POST" })
	void whenRedirectedOnTheHostThenItIsFollowed(int status, String method) {
		serve("/api", (exchange) -> {
			exchange.getResponseHeaders().add("Location", "/other?a=b");
			answer(exchange, status, "");
		});
		serve("/other", (exchange) -> answer(exchange, 200, "here"));
		assertThat(new String(invoke("create", "X-Header", "kept").data())).isEqualTo("here");
		assertThat(this.received.get(1).method()).isEqualTo(method);
		assertThat(this.received.get(1).body()).isEqualTo(method.equals("POST") ? "s3cret-body" : "");
		assertThat(this.received.get(1).headers()).containsEntry("X-header", List.of("kept"));
	}

	@Test
	void whenRedirectedElsewhereThenNothingIsSentThere() throws Exception {
		HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		List<String> calls = new CopyOnWriteArrayList<>();
		other.createContext("/", (exchange) -> {
			calls.add("called");
			answer(exchange, 200, "");
		});
		other.start();
		try {
			serve("/api", (exchange) -> {
				exchange.getResponseHeaders()
					.add("Location", "http://localhost:" + other.getAddress().getPort() + "/s3cret");
				answer(exchange, 307, "");
			});
			assertFailure("another host", "create");
			assertThat(invoke("create", "errorIfNot2XX", "false").metadata()).containsEntry("statusCode", "307");
			assertThat(calls).isEmpty();
		}
		finally {
			other.stop(0);
		}
	}

	@Test
	void whenRedirectedForEverThenItEnds() {
		serve("/api", (exchange) -> {
			exchange.getResponseHeaders().add("Location", "/api/");
			answer(exchange, 307, "");
		});
		assertFailure("redirects", "get");
		assertThat(this.received).hasSize(6);
	}

	@ParameterizedTest
	@CsvSource({ "url,s3cret", "url,ftp://s3cret/", "url,http:///s3cret", "url,http://user:s3cret@host/",
			"url,http://host/#s3cret", "url,http://host/s3cret space", "responseTimeout,s3cret", "responseTimeout,0s",
			"maxResponseBodySize,s3cret", "maxResponseBodySize,0", "maxResponseBodySize,4GB", "errorIfNot2XX,s3cret",
			"securityToken,s3cret", "proxy,s3cret" })
	void whenMetadataAreWrongThenItIsSaidWithoutTheValue(String key, String value) {
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> binding(Map.of(key, value)))
			.withMessageContaining(key)
			.satisfies(HttpBindingTests::noSecret);
		this.binding = HttpBinding.create("web", Map.of("url", url()));
	}

	@Test
	void whenThereIsNoUrlThenItIsSaid() {
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> HttpBinding.create("web", Map.of()))
			.withMessageContaining("'url' of bindings.http is missing");
	}

	@ParameterizedTest
	@CsvSource({ "10,10", "4MB,4194304", "1Ki,1024", "100Mi,104857600", "2 kb,2048", "1GiB,1073741824" })
	void whenASizeIsGivenThenItIsRead(String size, int bytes) {
		assertThat(new BindingMetadata("t", Map.of("s", size)).size("s", 1)).isEqualTo(bytes);
	}

	private record Received(String method, String uri, Map<String, List<String>> headers, String body) {
	}

}
