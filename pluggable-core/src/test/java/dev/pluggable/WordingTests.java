package dev.pluggable;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Wording}.
 */
class WordingTests {

	@Test
	void whenATextHasControlCharactersThenItIsOneLine() {
		assertThat(Wording.oneLine("a\r\n\u0007b\u200Bc ")).isEqualTo("a b c ");
		assertThat(Wording.oneLine("\n ab \n", 2)).isEqualTo("ab");
		assertThat(Wording.oneLine("abc", 2)).isEqualTo("ab...");
	}

	@Test
	void whenANameHasControlCharactersThenEachIsSeen() {
		assertThat(Wording.visible("a\r\nb ", 10)).isEqualTo("a??b ");
		assertThat(Wording.visible("abc", 2)).isEqualTo("ab...");
	}

	@Test
	void whenATimeIsWholeSecondsThenItIsWrittenInThese() {
		assertThat(Wording.duration(Duration.ofMinutes(1))).isEqualTo("60s");
		assertThat(Wording.duration(Duration.ofMillis(1500))).isEqualTo("1500ms");
		assertThat(Wording.duration(Duration.ZERO)).isEqualTo("0s");
	}

}
