package dev.pluggable.internal.endpoint;

import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

import dev.pluggable.internal.support.Backoff;
import dev.pluggable.internal.support.SecretMask;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Reasons}, {@link SecretMask} and {@link Backoff}.
 */
class ReasonsTests {

	private static final Path SOCKET = Path.of("/tmp/none.sock");

	private static final Duration TIMEOUT = Duration.ofMillis(1500);

	@Test
	void whenNobodyListensThenItSaysSoWhicheverWayTheFailureIsWrapped() {
		Throwable failure = new CompletionException(
				Status.UNAVAILABLE.withCause(new ConnectException("Connection refused")).asRuntimeException());
		assertThat(Reasons.nobodyListens(failure)).isTrue();
		assertThat(Reasons.connect(failure, SOCKET, TIMEOUT)).startsWith("nobody listens");
	}

	@Test
	void whenPermissionIsDeniedThenItIsNotThatNobodyListens() {
		Throwable failure = Status.UNAVAILABLE.withCause(new ConnectException("connect(..) failed: Permission denied"))
			.asRuntimeException();
		assertThat(Reasons.nobodyListens(failure)).isFalse();
		assertThat(Reasons.connect(failure, SOCKET, TIMEOUT)).startsWith("permission denied: ").contains("uid");
	}

	@Test
	void whenTheTimeRunsOutThenItIsNamed() {
		Throwable failure = Status.DEADLINE_EXCEEDED.withDescription("deadline exceeded after 1.499999s")
			.asRuntimeException();
		assertThat(Reasons.connect(failure, SOCKET, TIMEOUT)).contains("no answer within 1500ms")
			.doesNotContain("1.49");
		assertThat(Reasons.probe(failure, Duration.ofSeconds(2))).isEqualTo("no answer within 2s");
	}

	@Test
	void whenTheTextHasControlCharactersOrNoEndThenItIsOneShortLine() {
		Throwable failure = Status.INTERNAL.withDescription("a\nb\u0007c" + "x".repeat(5000)).asRuntimeException();
		assertThat(Reasons.probe(failure, TIMEOUT)).startsWith("INTERNAL: a b c").hasSizeLessThan(600);
	}

	@Test
	void whenThereAreManyNamesThenTheFirstAreShown() {
		List<String> names = IntStream.range(0, 1000).mapToObj((i) -> "s" + i).toList();
		assertThat(Reasons.few(names)).endsWith("s9 and 990 more");
		assertThat(Reasons.few(List.of("a", "b"))).isEqualTo("a, b");
	}

	@Test
	void whenOneSecretContainsAnotherThenNothingOfEitherIsLeft() {
		SecretMask mask = new SecretMask(
				Map.of("redisPassword", "abcdef", "apiKey", "abc", "jwt", "zzz", "host", "example", "token", "xy"));
		assertThat(mask.mask("abcdef abc zzz example")).isEqualTo("****** ****** ****** example");
	}

	@Test
	void whenAttemptsGoOnThenTheDelayDoublesUpToItsLimit() {
		Backoff backoff = new Backoff(Duration.ofMillis(5), Duration.ofMillis(30));
		assertThat(IntStream.range(0, 5).mapToLong((i) -> backoff.nextMillis())).containsExactly(5L, 10L, 20L, 30L,
				30L);
		assertThat(backoff.attempts()).isEqualTo(5);
		backoff.reset();
		assertThat(backoff.nextMillis()).isEqualTo(5);
		for (int i = 0; i < 100; i++) {
			assertThat(backoff.nextMillis()).isBetween(5L, 30L);
		}
	}

}
