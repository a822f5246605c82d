package dev.pluggable.sample.host;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import dev.pluggable.ComponentException;
import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Components;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.MessageTooLargeException;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.pubsub.BulkPublishException;
import dev.pluggable.secrets.SecretNotFoundException;
import dev.pluggable.state.EtagInvalidException;
import dev.pluggable.state.EtagMismatchException;
import dev.pluggable.state.StateStore;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link ComponentExceptionHandler}.
 */
class ComponentExceptionHandlerTests {

	private final StateStore store = mock();

	private final Components<StateStore> stores = mock();

	static Stream<Arguments> exceptions() {
		return Stream.of(arguments(new ComponentUnavailableException("a", "state", "Get", "gone"), 503),
				arguments(mock(ComponentTimeoutException.class), 504), arguments(new EtagMismatchException("x"), 412),
				arguments(new EtagInvalidException("x"), 412), arguments(new InvalidRequestException("x"), 400),
				arguments(mock(MessageTooLargeException.class), 413), arguments(new SecretNotFoundException("x"), 404),
				arguments(new BulkPublishException(Map.of("1", "x")), 502),
				arguments(new UnsupportedOperationByComponentException("x"), 501),
				arguments(new ComponentException("x", (Throwable) null), 502));
	}

	@ParameterizedTest
	@MethodSource("exceptions")
	void whenComponentFailsThenStatusSaysHow(PluggableException exception, int status) {
		given(this.stores.find("a")).willReturn(Optional.of(this.store));
		given(this.store.get("k")).willThrow(exception);
		RestTestClient.bindToController(new StateController(this.stores))
			.configureServer((server) -> server.setControllerAdvice(new ComponentExceptionHandler()))
			.build()
			.get()
			.uri("/state/a/k")
			.exchange()
			.expectStatus()
			.isEqualTo(status)
			.expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON);
	}

}
