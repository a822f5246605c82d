package dev.pluggable.sample.host;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EntityTag}.
 */
class EntityTagTests {

	@ParameterizedTest
	@ValueSource(strings = { "1", "a-b_c", "\"0x8DC\"", "a b", "50%", "a+b", "\u00e4", "W/\"1\"", "*" })
	void whenEtagIsAnyTextThenItComesBack(String etag) {
		String header = EntityTag.toHeader(etag);
		assertThat(header).matches("\"[A-Za-z0-9%+*._-]+\"");
		assertThat(EntityTag.fromIfMatch(header)).isEqualTo(etag);
	}

	@Test
	void whenThereIsNoHeaderThenThereIsNoEtag() {
		assertThat(EntityTag.fromIfMatch(null)).isNull();
		assertThat(EntityTag.isCreate(null)).isFalse();
	}

}
