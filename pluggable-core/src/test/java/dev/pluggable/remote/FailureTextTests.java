package dev.pluggable.remote;

import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

import dev.pluggable.internal.support.RequestNotSentException;
import dev.pluggable.plugin.PluginException;
import io.grpc.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Tests for {@link FailureText}.
 */
class FailureTextTests {

	static Stream<Arguments> failures() {
		return Stream.of(
				arguments(Status.INTERNAL.withDescription("first\nsecond").asRuntimeException(), "INTERNAL: first"),
				arguments(Status.INTERNAL.asException(), "INTERNAL"),
				arguments(Status.UNAVAILABLE.withDescription("io")
					.withCause(new IOException("outer", new IOException("refused")))
					.asRuntimeException(), "UNAVAILABLE: io (refused)"),
				arguments(Status.UNAVAILABLE.withCause(new IOException()).asRuntimeException(),
						"UNAVAILABLE: IOException"),
				arguments(Status.UNAVAILABLE.withDescription("gone")
					.withCause(new RequestNotSentException(null))
					.asRuntimeException(), "UNAVAILABLE: gone"),
				arguments(new PluginException("no broker"), "no broker"),
				arguments(new CompletionException(new PluginException("wrapped")), "wrapped"),
				arguments(new IllegalStateException("bug"), "java.lang.IllegalStateException: bug"));
	}

	@ParameterizedTest
	@MethodSource("failures")
	void whenItFailsThenOneLineSaysWhy(Throwable failure, String text) {
		assertThat(FailureText.of(failure, (said) -> said)).isEqualTo(text);
	}

	@Test
	void whenThereIsASecretThenItIsHidden() {
		assertThat(FailureText.of(new PluginException("key hunter2"), (text) -> text.replace("hunter2", "***")))
			.isEqualTo("key ***");
	}

}
