package dev.pluggable.internal.support;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

/**
 * Tests for {@link SecretMask}.
 */
class SecretMaskTests {

	private static final String SECRET = "m4rk3r\"quote'\\back\nline\t<&>+/ =end-m4rk3r";

	private static final String UNICODE = "m4rk3r-p\u00E4ssw\u00F6rd-\uD83D\uDE00-m4rk3r";

	static Stream<Form> forms() {
		List<Form> forms = new ArrayList<>();
		for (String secret : List.of(SECRET, UNICODE)) {
			add(forms, secret, "raw", (text) -> text);
			add(forms, secret, "JSON", SecretMaskTests::json);
			add(forms, secret, "JSON in JSON", (text) -> json(json(text)));
			add(forms, secret, "JSON of ASCII", (text) -> ascii(json(text), "\\u%04x"));
			add(forms, secret, "JSON of ASCII, upper case", (text) -> ascii(json(text), "\\u%04X"));
			add(forms, secret, "Go with bytes", (text) -> bytes(text.replace("\\", "\\\\"), "\\x%02x"));
			add(forms, secret, "octal bytes", (text) -> bytes(text.replace("\\", "\\\\"), "\\%03o"));
			add(forms, secret, "Rust", (text) -> codePoints(json(text), "\\u{%x}"));
			add(forms, secret, "long Unicode escapes", (text) -> codePoints(json(text), "\\U%08x"));
			add(forms, secret, "URL", SecretMaskTests::url);
			add(forms, secret, "URL of JSON", (text) -> url(json(text)));
			add(forms, secret, "URL of URL", (text) -> url(url(text)));
			add(forms, secret, "URL, lower case", (text) -> url(text).replaceAll("%.B", "$0").toLowerCase(Locale.ROOT));
			add(forms, secret, "URL, each byte",
					(text) -> "%" + HexFormat.ofDelimiter("%").withUpperCase().formatHex(utf8(text)));
			add(forms, secret, "HTML", SecretMaskTests::html);
			add(forms, secret, "HTML, numbers", (text) -> codePoints(html(text), "&#%d;"));
			for (String before : List.of("", "x", "xy")) {
				byte[] bytes = utf8(before + secret);
				forms.add(new Form("Base64", secret, Base64.getEncoder().encodeToString(bytes)));
				forms.add(new Form("Base64, no padding", secret,
						Base64.getEncoder().withoutPadding().encodeToString(bytes)));
				forms.add(new Form("Base64 for URLs", secret, Base64.getUrlEncoder().encodeToString(bytes)));
				forms.add(new Form("Base64 in URL", secret, url(Base64.getEncoder().encodeToString(bytes))));
			}
			add(forms, secret, "hexadecimal", (text) -> HexFormat.of().formatHex(utf8(text)));
			add(forms, secret, "hexadecimal, upper case",
					(text) -> HexFormat.of().withUpperCase().formatHex(utf8(text)));
			add(forms, secret, "hexadecimal list", (text) -> HexFormat.ofDelimiter(" ").formatHex(utf8(text)));
			add(forms, secret, "hexadecimal, colons", (text) -> HexFormat.ofDelimiter(":").formatHex(utf8(text)));
			add(forms, secret, "0x", (text) -> HexFormat.ofDelimiter(", ").withPrefix("0x").formatHex(utf8(text)));
			add(forms, secret, "Go list", (text) -> decimals(text, " "));
			add(forms, secret, "JSON list", (text) -> decimals(text, ","));
			add(forms, secret, "Python list", (text) -> decimals(text, ", "));
			add(forms, secret, "Latin-1", (text) -> new String(utf8(text), StandardCharsets.ISO_8859_1));
			add(forms, secret, "ASCII", (text) -> new String(utf8(text), StandardCharsets.US_ASCII));
			add(forms, secret, "one line", LogText::oneLine);
		}
		return forms.stream();
	}

	private static void add(List<Form> forms, String secret, String name, UnaryOperator<String> encoding) {
		forms.add(new Form(name, secret, encoding.apply(secret)));
	}

	@ParameterizedTest
	@MethodSource("forms")
	void whenATextHasASecretInAnyFormThenTheSecretIsMasked(Form form) {
		SecretMask mask = new SecretMask(Map.of("password", form.secret()));
		assertThat(mask.mask("said <" + form.text() + "> here")).startsWith("said <")
			.endsWith("> here")
			.satisfies(form::isHiddenIn);
		assertThat(mask.mask(form.text())).satisfies(form::isHiddenIn);
		if (form.name().equals("Latin-1") || form.name().equals("ASCII")) {
			return;
		}
		byte[] data = utf8("\u0001said <" + form.text() + "> here\u0002");
		assertThat(new String(mask.mask(data), StandardCharsets.UTF_8)).hasSizeGreaterThan(20)
			.startsWith("\u0001said <")
			.endsWith("> here\u0002")
			.satisfies(form::isHiddenIn);
		assertThat(mask.mask(data)).hasSameSizeAs(data);
	}

	@Test
	void whenALongSecretIsWrittenInLinesOfBase64ThenEachLineIsMasked() {
		String secret = "line-of-a-long-secret-".repeat(20);
		SecretMask mask = new SecretMask(Map.of("key", secret));
		for (int length : new int[] { 64, 76 }) {
			String text = Base64.getMimeEncoder(length, utf8("\n")).encodeToString(utf8(secret));
			assertThat(text.lines().limit(text.lines().count() - 1))
				.allMatch((line) -> mask.mask(line).equals("******"));
		}
	}

	@Test
	void whenATextIsCutInsideASecretThenTheBeginningOfTheSecretIsMasked() {
		SecretMask mask = new SecretMask(Map.of("password", "correct-horse"));
		assertThat(mask.maskCut("log in with correct-ho")).isEqualTo("log in with ******");
		assertThat(mask.maskCut("log in with correct-horse")).isEqualTo("log in with ******");
		assertThat(mask.maskCut("log in with co")).isEqualTo("log in with co");
		assertThat(mask
			.maskCut("log in with " + Base64.getEncoder().encodeToString(utf8("correct-horse")).substring(0, 9)))
			.isEqualTo("log in with ******");
	}

	@Test
	void whenThereIsNoSecretInATextThenItStaysAsItIs() {
		SecretMask mask = new SecretMask(Map.of("password", SECRET));
		for (String text : List.of("", "a\\", "\\u12", "\\u{", "\\u{}", "\\U0011FFFF", "%", "%4", "&;", "&#99999999;",
				"&#1114112;", "12:30:45.123 10.0.0.1 00:11:22:33:44:55", "[999 999 999 999 999 999]")) {
			assertThat(mask.mask(text)).isEqualTo(text);
			byte[] data = utf8(text);
			assertThat(mask.mask(data)).isSameAs(data);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "\\", "\\u{", "\\u{1", "%", "%25", "&", "&#1", "&amp;", "98 ", "0x62,", "\\\\%5c&amp;98 ",
			"m4rk3r", "\\x5c\\x5c" })
	void whenATextRepeatsTheBeginningOfAnEncodingThenTheTimeIsLinear(String part) {
		SecretMask mask = new SecretMask(Map.of("password", SECRET, "token", "m4rk3r" + "a".repeat(2000)));
		String text = part.repeat(128 * 1024 / part.length());
		assertTimeoutPreemptively(Duration.ofSeconds(30), () -> mask.mask(text));
	}

	@Test
	void whenTheMaskIsLiveThenEachMethodKnowsTheSecretsOfTheTime() {
		SecretMask[] current = { SecretMask.NONE };
		SecretMask live = SecretMask.live(() -> current[0]);
		assertThat(live.isEmpty()).isTrue();
		current[0] = new SecretMask(Map.of("password", "hunter2"));
		assertThat(live.isEmpty()).isFalse();
		assertThat(live.mask("hunter2")).isEqualTo("******");
		assertThat(live.maskCut("hunt")).isEqualTo("******");
		assertThat(live.mask(utf8("hunter2"))).isEqualTo(utf8("*******"));
		assertThatNoException().isThrownBy(() -> live.mask(""));
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static String json(String text) {
		return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\t", "\\t");
	}

	private static String url(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	private static String html(String text) {
		return text.replace("&", "&amp;")
			.replace("<", "&lt;")
			.replace(">", "&gt;")
			.replace("\"", "&quot;")
			.replace("'", "&#39;");
	}

	private static String ascii(String text, String escape) {
		return text.chars()
			.mapToObj((c) -> (c < 128) ? String.valueOf((char) c) : escape.formatted(c))
			.collect(Collectors.joining());
	}

	private static String codePoints(String text, String escape) {
		return text.codePoints()
			.mapToObj((c) -> (c < 128) ? Character.toString(c) : escape.formatted(c))
			.collect(Collectors.joining());
	}

	private static String bytes(String text, String escape) {
		StringBuilder result = new StringBuilder();
		for (byte b : utf8(text)) {
			result.append((b > 32 && b != '"') ? String.valueOf((char) b) : escape.formatted(b & 0xff));
		}
		return result.toString();
	}

	private static String decimals(String text, String separator) {
		List<String> numbers = new ArrayList<>();
		for (byte b : utf8(text)) {
			numbers.add(String.valueOf(b & 0xff));
		}
		return String.join(separator, numbers);
	}

	private record Form(String name, String secret, String text) {

		/**
		 * A few characters of an encoding may be left, which also depend on the
		 * neighbours.
		 */
		void isHiddenIn(String masked) {
			assertThat(masked).doesNotContain("m4rk3r");
			String text = this.text.replaceAll("(=|%3D)+$", "");
			for (int i = 0; i + 6 <= text.length(); i++) {
				assertThat(masked).doesNotContain(text.substring(i, i + 6));
			}
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

}
