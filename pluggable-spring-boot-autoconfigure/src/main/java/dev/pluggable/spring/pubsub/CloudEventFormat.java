package dev.pluggable.spring.pubsub;

import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.pluggable.spring.listener.InvalidPayloadException;
import dev.pluggable.spring.listener.PayloadConverter;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.util.MimeType;

/**
 * Reads and writes CloudEvents 1.0 in the structured JSON format, with the attributes
 * that Dapr uses. JSON data is copied without loss: numbers keep all their digits.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class CloudEventFormat {

	private static final String DATA = "data";

	private static final String DATA_BASE64 = "data_base64";

	private static final String JSON = "application/json";

	private static final List<String> REQUIRED = List.of(CloudEvent.SPEC_VERSION, CloudEvent.ID, CloudEvent.SOURCE,
			CloudEvent.TYPE);

	private static final byte[] NOTHING = {};

	// The settings of the application's mapper must not change the envelope.
	private final JsonMapper mapper = JsonMapper.builder().build();

	/**
	 * Create a format.
	 */
	public CloudEventFormat() {
	}

	/**
	 * Read an event.
	 * @param payload the bytes
	 * @return the event, {@code null} if the bytes are not a CloudEvent
	 * @throws InvalidPayloadException if the data of the event cannot be read
	 */
	@Nullable CloudEvent read(byte[] payload) {
		if (!isObject(payload)) {
			return null;
		}
		Map<String, String> attributes = new LinkedHashMap<>();
		Value data = null;
		Value base64 = null;
		try (JsonParser parser = this.mapper.createParser(payload)) {
			parser.nextToken();
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				JsonToken token = parser.nextToken();
				if (name.equals(DATA)) {
					data = value(parser, token);
				}
				else if (name.equals(DATA_BASE64)) {
					base64 = value(parser, token);
				}
				else if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
					attributes.put(name, parser.getString());
				}
				else {
					parser.skipChildren();
				}
			}
			if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
				return null;
			}
		}
		catch (JacksonException ex) {
			return null;
		}
		if (!isEvent(attributes)) {
			return null;
		}
		return event(attributes, data, base64);
	}

	/**
	 * Read the attributes of an event without its data.
	 * @param payload the bytes
	 * @return the attributes, none if the bytes are not a CloudEvent
	 */
	public Map<String, String> attributes(byte[] payload) {
		if (!isObject(payload)) {
			return Map.of();
		}
		Map<String, String> attributes = new LinkedHashMap<>();
		try (JsonParser parser = this.mapper.createParser(payload)) {
			parser.nextToken();
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				JsonToken token = parser.nextToken();
				if (token.isScalarValue() && token != JsonToken.VALUE_NULL && !name.equals(DATA)
						&& !name.equals(DATA_BASE64)) {
					attributes.put(name, parser.getString());
				}
				else {
					parser.skipChildren();
				}
			}
		}
		catch (JacksonException ex) {
			return Map.of();
		}
		return isEvent(attributes) ? attributes : Map.of();
	}

	private static boolean isObject(byte[] payload) {
		for (byte character : payload) {
			if (character != ' ' && character != '\n' && character != '\r' && character != '\t') {
				return character == '{';
			}
		}
		return false;
	}

	private static boolean isEvent(Map<String, String> attributes) {
		return REQUIRED.stream().noneMatch((name) -> attributes.getOrDefault(name, "").isEmpty())
				&& attributes.getOrDefault(CloudEvent.SPEC_VERSION, "").startsWith("1.");
	}

	private @Nullable Value value(JsonParser parser, JsonToken token) {
		if (token == JsonToken.VALUE_NULL) {
			return null;
		}
		if (token == JsonToken.VALUE_STRING) {
			return new Value(parser.getString(), NOTHING);
		}
		return new Value(null, copy(parser));
	}

	private byte[] copy(JsonParser parser) {
		ByteArrayOutputStream output = new ByteArrayOutputStream();
		try (JsonGenerator generator = this.mapper.createGenerator(output)) {
			generator.copyCurrentStructureExact(parser);
		}
		return output.toByteArray();
	}

	private CloudEvent event(Map<String, String> attributes, @Nullable Value data, @Nullable Value base64) {
		String contentType = attributes.get(CloudEvent.DATA_CONTENT_TYPE);
		if (data != null && base64 != null) {
			throw new InvalidPayloadException("the CloudEvent has both 'data' and 'data_base64'");
		}
		if (base64 != null) {
			try {
				return new CloudEvent(attributes, Base64.getDecoder().decode(base64.string()), contentType);
			}
			catch (IllegalArgumentException | NullPointerException ex) {
				throw new InvalidPayloadException("the 'data_base64' of the CloudEvent is not valid Base64");
			}
		}
		if (data == null) {
			return new CloudEvent(attributes, NOTHING, contentType);
		}
		if (contentType == null || contentType.isEmpty()) {
			contentType = JSON;
		}
		MimeType type = PayloadConverter.parse(contentType);
		if (data.string() == null) {
			return new CloudEvent(attributes, data.json(), contentType);
		}
		byte[] bytes = PayloadConverter.isJson(type) ? this.mapper.writeValueAsBytes(data.string())
				: data.string().getBytes(PayloadConverter.charset(type));
		return new CloudEvent(attributes, bytes, contentType);
	}

	/**
	 * Write an event. JSON data becomes a JSON value, text becomes a string, and other
	 * data becomes Base64.
	 * @param event the event
	 * @return the envelope
	 * @throws InvalidPayloadException if the content type is JSON and the data is not
	 */
	byte[] write(CloudEvent event) {
		MimeType type = PayloadConverter.parse(event.contentType());
		ByteArrayOutputStream output = new ByteArrayOutputStream(event.data().length + 512);
		try (JsonGenerator generator = this.mapper.createGenerator(output)) {
			generator.writeStartObject();
			event.attributes().forEach(generator::writeStringProperty);
			if (event.contentType() != null) {
				generator.writeStringProperty(CloudEvent.DATA_CONTENT_TYPE, event.contentType());
			}
			if (PayloadConverter.isJson(type)) {
				generator.writeName(DATA);
				copy(event.data(), generator);
			}
			else if (type != null && type.getType().equals("text")) {
				generator.writeStringProperty(DATA, new String(event.data(), PayloadConverter.charset(type)));
			}
			else {
				generator.writeStringProperty(DATA_BASE64, Base64.getEncoder().encodeToString(event.data()));
			}
			generator.writeEndObject();
		}
		return output.toByteArray();
	}

	private void copy(byte[] json, JsonGenerator generator) {
		try (JsonParser parser = this.mapper.createParser(json)) {
			if (parser.nextToken() != null) {
				generator.copyCurrentStructureExact(parser);
				if (parser.nextToken() == null) {
					return;
				}
			}
		}
		catch (JacksonException ex) {
			throw new InvalidPayloadException(ex);
		}
		throw new InvalidPayloadException("the payload is not a single JSON value, although the content type is JSON");
	}

	/**
	 * A JSON value: the text of a string, or the JSON of any other value.
	 */
	private record Value(@Nullable String string, byte[] json) {
	}

}
