package dev.pluggable.spring.resources;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link YamlScalars}.
 */
class YamlScalarsTests {

	@ParameterizedTest
	@CsvSource({ "true,true", "yes,true", "On,true", "y,true", "FALSE,false", "off,false", "n,false", "10,10", "-3,-3",
			"+3,3", "1_000,1000", "0x1F,31", "010,8", "08,8", "0o17,15", "0b101,5", "-0x10,-16", "0,0",
			"18446744073709551615,18446744073709551615", "18446744073709551616,18446744073709552000",
			"9223372036854775808,9223372036854775808", "+9223372036854775808,9223372036854776000",
			"-9223372036854775808,-9223372036854775808", "-9223372036854775809,-9223372036854776000",
			"100000000000000000000000,1e+23", "-100000000000000000000000,-1e+23",
			"123456789012345678901234,1.2345678901234569e+23", "100_000_000_000_000_000_000_000,1e+23",
			"0777777777777777777777777,7.777777777777778e+23", "0xFFFFFFFFFFFFFFFF,18446744073709551615", "1.50,1.5",
			"1.0,1", "-0.5,-0.5", ".5,0.5", "5.,5", "1e3,1000", "0.0,0", "1e21,1e+21", "-1.25e22,-1.25e+22",
			"1e-7,1e-7", "0.000001,0.000001", "1e20,100000000000000000000" })
	void whenDaprReadsMoreThanATextThenWhatItHandsOnIsTheSame(String plain, String expected) {
		assertThat(YamlScalars.text(plain)).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "text", "localhost:6379", "22:22", "1:30:00", "2026-08-21", "1.2.3", "yEs", "tRUE", "0x",
			"1e", "-", "+", ".", "_1", "1 2", "\u0661", "1e999", "-1e999", "0x10000000000000000" })
	void whenItIsATextThenItStays(String plain) {
		assertThat(YamlScalars.text(plain)).isEqualTo(plain);
	}

	@Test
	void whenANumberHasManyDigitsThenItIsADecimal() {
		assertThat(YamlScalars.text("1" + "0".repeat(150))).isEqualTo("1e+150");
		assertThat(YamlScalars.text("0." + "0".repeat(150) + "1")).isEqualTo("1e-151");
		assertThat(YamlScalars.text("1" + "0".repeat(400))).isEqualTo("1" + "0".repeat(400));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "~", "null", "Null", "NULL" })
	void whenThereIsNoValueThenItIsEmpty(String plain) {
		assertThat(YamlScalars.text(plain)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { ".inf", "-.Inf", ".NaN" })
	void whenJsonHasNoSuchNumberThenItIsRefused(String plain) {
		assertThatExceptionOfType(NumberFormatException.class).isThrownBy(() -> YamlScalars.text(plain));
	}

}
