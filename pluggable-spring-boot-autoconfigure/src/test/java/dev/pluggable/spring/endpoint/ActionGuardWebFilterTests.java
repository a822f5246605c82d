package dev.pluggable.spring.endpoint;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

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

	private void refused(String url, String origin) {
		assertThatExceptionOfType(ResponseStatusException.class).isThrownBy(() -> passes(HttpMethod.POST, url, origin))
			.satisfies((ex) -> assertThat(ex.getStatusCode()).isEqualTo(HttpStatus.FORBIDDEN));
	}

	private boolean passes(HttpMethod method, String url, String origin) {
		MockServerHttpRequest.BaseBuilder<?> request = MockServerHttpRequest.method(method, url + ACTION);
		if (origin != null) {
			request.header("Origin", origin);
		}
		AtomicBoolean passed = new AtomicBoolean();
		this.filter.filter(MockServerWebExchange.from(request.build()), (exchange) -> {
			passed.set(true);
			return Mono.empty();
		}).block();
		return passed.get();
	}

}
