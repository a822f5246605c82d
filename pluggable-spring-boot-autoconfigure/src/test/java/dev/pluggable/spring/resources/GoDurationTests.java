package dev.pluggable.spring.resources;

import java.time.Duration;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link GoDuration}.
 */
class GoDurationTests {

	@ParameterizedTest
	@CsvSource({ "30s,PT30S", "1m30s,PT1M30S", "500ms,PT0.5S", "1.5h,PT1H30M", ".5s,PT0.5S", "1.s,PT1S", "+2s,PT2S",
			"-2s,PT-2S", "0,PT0S", "0s,PT0S", "7us,PT0.000007S", "7\u00b5s,PT0.000007S", "7\u03bcs,PT0.000007S",
			"9ns,PT0.000000009S", "0.4ns,PT0S", "1h1m1s1ms,PT1H1M1.001S" })
	void whenGoReadsItThenItIsRead(String text, Duration expected) {
		assertThat(GoDuration.parse(text)).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "-", "+", "30", "s", "1d", "PT30S", "30 s", "1m 30s", "x1s", "1sx", ".s", "--1s", "1S",
			"\u0661s", "99999999999999999999s", "3000000h" })
	void whenGoDoesNotReadItThenItIsRefused(String text) {
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> GoDuration.parse(text));
	}

}
