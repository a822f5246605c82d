package dev.pluggable.spring.pubsub;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import dev.pluggable.spring.listener.InvalidPayloadException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CloudEventFormat}.
 */
class CloudEventFormatTests {

	private static final Map<String, String> ATTRIBUTES = Map.of("specversion", "1.0", "id", "1", "source", "s", "type",
			"t");

	private final CloudEventFormat format = new CloudEventFormat();

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", value = {
	// @formatter:off
			"\"data\":{\"a\": 1.10, \"b\":12345678901234567890123.5}|{\"a\":1.10,\"b\":12345678901234567890123.5}|application/json",
			"\"data\":[1, 1E400]|[1,1E+400]|application/json",
			"\"data\":\"x\"|\"x\"|application/json",
			"\"data\":true|true|application/json",
			"\"data\":\"h\\u00e9\",\"datacontenttype\":\"text/plain\"|hé|text/plain",
			"\"data\":\"<a/>\",\"datacontenttype\":\"application/xml\"|<a/>|application/xml",
			"\"data\":{\"a\":1},\"datacontenttype\":\"application/vnd.x+json\"|{\"a\":1}|application/vnd.x+json",
			"\"data\":{\"a\":1},\"datacontenttype\":\"text/plain\"|{\"a\":1}|text/plain",
			"\"data_base64\":\"aMOp\",\"datacontenttype\":\"image/png\"|hé|image/png",
			"\"data_base64\":\"aMOp\"|hé|-",
			"\"data\":null||-",
			"\"subject\":null||-" })
	// @formatter:on
	void whenAnEventHasDataThenItIsReadAsItsTypeSays(String member, @Nullable String data,
			@Nullable String contentType) {
		CloudEvent event = this.format.read(bytes(envelope(member)));
		assertThat(event).isNotNull();
		assertThat(new String(event.data(), StandardCharsets.UTF_8)).isEqualTo((data != null) ? data : "");
		assertThat(event.contentType()).isEqualTo(contentType);
		assertThat(event.attributes()).containsAllEntriesOf(ATTRIBUTES).doesNotContainKeys("data", "subject");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "x", "[]", "{}", "{\"specversion\":\"1.0\"}", "5", "{", "{\"a\":",
			"{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}",
			"{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"s\",\"type\":\"t\"}",
			"{\"specversion\":\"1.0\",\"id\":{},\"source\":\"s\",\"type\":\"t\"}",
			"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"} x",
			"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{}" })
	void whenItIsNotAnEventThenItIsNoEvent(String payload) {
		assertThat(this.format.read(bytes(payload))).isNull();
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "\"data_base64\":\"s3cret!\"", "\"data_base64\":5", "\"data\":1,\"data_base64\":\"YQ==\"" })
	void whenTheDataCannotBeReadThenItIsRefusedWithoutIt(String member) {
		assertThatExceptionOfType(InvalidPayloadException.class)
			.isThrownBy(() -> this.format.read(bytes(envelope(member))))
			.withMessageNotContaining("s3cret")
			.withNoCause();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-",
			value = { "{\"a\": 1.10}|application/json|\"data\":{\"a\":1.10}", "\"x\"|application/json|\"data\":\"x\"",
					"h\"é|text/plain|\"data\":\"h\\\"é\"", "hé|image/png|\"data_base64\":\"aMOp\"",
					"hé|-|\"data_base64\":\"aMOp\"" })
	void whenAnEventIsWrittenThenItCanBeReadAgain(String data, @Nullable String contentType, String member) {
		byte[] written = this.format.write(new CloudEvent(ATTRIBUTES, bytes(data), contentType));
		assertThat(new String(written, StandardCharsets.UTF_8)).endsWith(member + "}");
		CloudEvent read = this.format.read(written);
		assertThat(read).isNotNull();
		assertThat(new String(read.data(), StandardCharsets.UTF_8).replace(" ", "")).isEqualTo(data.replace(" ", ""));
		assertThat(read.contentType()).isEqualTo(contentType);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{", "{} {}", "s3cret" })
	void whenTheDataIsNotTheJsonItShouldBeThenItIsRefusedWithoutIt(String data) {
		assertThatExceptionOfType(InvalidPayloadException.class)
			.isThrownBy(() -> this.format.write(new CloudEvent(ATTRIBUTES, bytes(data), "application/json")))
			.withMessageNotContaining("s3cret")
			.withNoCause();
	}

	@Test
	void whenAnEventIsShownThenItsDataIsNot() {
		assertThat(new CloudEvent(ATTRIBUTES, bytes("s3cret"), null).toString()).doesNotContain("s3cret")
			.contains("6 bytes");
	}

	private static String envelope(String member) {
		return " \n{\"specversion\":\"1.0\"," + member + ",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}";
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
