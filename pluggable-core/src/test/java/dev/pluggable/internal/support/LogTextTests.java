package dev.pluggable.internal.support;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LogText}.
 */
class LogTextTests {

	@Test
	void whenATextHasControlCharactersThenItIsOneLine() {
		assertThat(LogText.oneLine("a\r\n\u0007b\u200Bc ")).isEqualTo("a b c ");
		assertThat(LogText.oneLine("\n ab \n", 2)).isEqualTo("ab");
		assertThat(LogText.oneLine("abc", 2)).isEqualTo("ab...");
	}

	@Test
	void whenANameHasControlCharactersThenEachIsSeen() {
		assertThat(LogText.visible("a\r\nb ", 10)).isEqualTo("a??b ");
		assertThat(LogText.visible("abc", 2)).isEqualTo("ab...");
	}

	@Test
	void whenATimeIsWholeSecondsThenItIsWrittenInThese() {
		assertThat(LogText.duration(Duration.ofMinutes(1))).isEqualTo("60s");
		assertThat(LogText.duration(Duration.ofMillis(1500))).isEqualTo("1500ms");
		assertThat(LogText.duration(Duration.ZERO)).isEqualTo("0s");
	}

}
