package dev.pluggable.spring.endpoint;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ResponseStatusException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ActionGuardWebFilter}.
 */
class ActionGuardWebFilterTests {

	private static final String ACTION = "/actuator/pluggable/plugins/p/restart";

	private final ActionGuardWebFilter filter = new ActionGuardWebFilter(
			new ActionGuard("/actuator/pluggable", List.of(), List.of("https://console.example")));

	@Test
	void whenAnActionComesFromAForeignOriginOrHostThenItIsRefused() {
		refused("http://localhost:8080", "http://evil.example");
		refused("http://evil.example", "http://evil.example");
		refused("http://evil.example", null);
		assertThat(passes(HttpMethod.POST, "http://localhost:8080", "http://localhost:8080")).isTrue();
		assertThat(passes(HttpMethod.POST, "http://localhost:8080", "https://console.example")).isTrue();
		assertThat(passes(HttpMethod.POST, "http://10.0.0.1:8080", null)).isTrue();
		assertThat(passes(HttpMethod.GET, "http://evil.example", "http://evil.example")).isTrue();
	}

	@Test
	void whenTheNameOfTheMachineIsNotNeededThenItIsNotLookedUp() {
		AtomicInteger lookUps = new AtomicInteger();
		ActionGuard guard = new ActionGuard("/actuator/pluggable", List.of("known.example"), List.of(), () -> {
			lookUps.incrementAndGet();
			return "Machine";
		});
		ActionGuardWebFilter filter = new ActionGuardWebFilter(guard);
		assertThat(passes(filter, HttpMethod.GET, "http://unknown.example", null)).isTrue();
		assertThat(passes(filter, HttpMethod.POST, "http://localhost", null)).isTrue();
		assertThat(passes(filter, HttpMethod.POST, "http://known.example", null)).isTrue();
		assertThat(passes(filter, HttpMethod.POST, "http://127.0.0.1", null)).isTrue();
		assertThat(lookUps).hasValue(0);
		assertThat(passes(filter, HttpMethod.POST, "http://machine", null)).isTrue();
		refused("http://unknown.example", null);
		assertThat(passes(filter, HttpMethod.POST, "http://machine", null)).isTrue();
		assertThat(lookUps).hasValue(1);
	}

	@Test
	void whenANameIsLookedUpThenNoEventLoopWaits() {
		AtomicReference<Thread> lookUp = new AtomicReference<>();
		ActionGuard guard = new ActionGuard("/actuator/pluggable", List.of(), List.of(), () -> {
			lookUp.set(Thread.currentThread());
			return "machine";
		});
		assertThat(passes(new ActionGuardWebFilter(guard), HttpMethod.POST, "http://machine", null)).isTrue();
		assertThat(lookUp.get()).isNotSameAs(Thread.currentThread());
	}

	private void refused(String url, String origin) {
		assertThatExceptionOfType(ResponseStatusException.class).isThrownBy(() -> passes(HttpMethod.POST, url, origin))
			.satisfies((ex) -> assertThat(ex.getStatusCode()).isEqualTo(HttpStatus.FORBIDDEN));
	}

	private boolean passes(HttpMethod method, String url, String origin) {
		return passes(this.filter, method, url, origin);
	}

	private static boolean passes(ActionGuardWebFilter filter, HttpMethod method, String url, String origin) {
		MockServerHttpRequest.BaseBuilder<?> request = MockServerHttpRequest.method(method, url + ACTION);
		if (origin != null) {
			request.header("Origin", origin);
		}
		AtomicBoolean passed = new AtomicBoolean();
		filter.filter(MockServerWebExchange.from(request.build()), (exchange) -> {
			passed.set(true);
			return Mono.empty();
		}).block();
		return passed.get();
	}

}
