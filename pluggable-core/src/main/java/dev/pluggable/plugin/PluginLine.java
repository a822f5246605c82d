package dev.pluggable.plugin;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import dev.pluggable.endpoint.SecretMask;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a line of a plugin means: JSON of hclog, JSON of zap and its like ({@code level},
 * {@code msg}, {@code ts}), a level in brackets, or just text. Secrets are masked, and
 * what would break out of a line of a log is gone. A line that is none of these, however
 * near it comes, is text.
 *
 * @param level the level, {@code null} if the line has none
 * @param message the message
 * @param values what else it says
 */
record PluginLine(@Nullable Level level, String message, List<KeyValuePair> values) {

	/**
	 * More than anybody logs, and few enough for a line of a log to be read.
	 */
	static final int MAX_VALUES = 64;

	static final int MAX_KEY_LENGTH = 100;

	private static final int MAX_DEPTH = 32;

	private static final JsonMapper JSON = JsonMapper
		.builder(JsonFactory.builder()
			.streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
			.build())
		.build();

	private static final Pattern ESCAPE_SEQUENCE = Pattern.compile("\u001B\\[[0-9;:?]*[ -/]*[@-~]");

	private static final Pattern CONTROL = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]+");

	private static final Map<String, Level> LEVELS = Map.of("trace", Level.TRACE, "debug", Level.DEBUG, "info",
			Level.INFO, "warn", Level.WARN, "warning", Level.WARN, "error", Level.ERROR);

	/**
	 * Levels of zap above those that we have.
	 */
	private static final Set<String> SEVERE = Set.of("critical", "dpanic", "panic", "fatal");

	private static final List<Level> PREFIXES = List.of(Level.TRACE, Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR);

	/**
	 * Understand a line.
	 * @param line the line as the plugin wrote it
	 * @param secrets what must not be shown
	 * @return what it means
	 */
	static PluginLine parse(String line, SecretMask secrets) {
		JsonNode document = json(line);
		if (document == null) {
			String text = clean(line, secrets);
			return new PluginLine(prefix(text), text, List.of());
		}
		Fields fields = Fields.of(document);
		if (fields == null) {
			JsonNode masked = map(document, secrets::mask);
			// A secret may be written in the line with escapes, where it is not found.
			return new PluginLine(null, clean(masked.equals(document) ? line : write(masked), secrets), List.of());
		}
		return structured(document, fields, secrets);
	}

	/**
	 * Mere text, whatever it looks like.
	 */
	static PluginLine text(String line, SecretMask secrets) {
		return new PluginLine(null, clean(line, secrets), List.of());
	}

	private static @Nullable JsonNode json(String line) {
		if (!line.stripLeading().startsWith("{")) {
			return null;
		}
		try {
			return JSON.readTree(line);
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	private static @Nullable Level prefix(String text) {
		for (Level level : PREFIXES) {
			if (text.startsWith("[" + level + "]")) {
				return level;
			}
		}
		return null;
	}

	private static PluginLine structured(JsonNode document, Fields fields, SecretMask secrets) {
		List<KeyValuePair> values = new ArrayList<>();
		if (SEVERE.contains(fields.word())) {
			values.add(new KeyValuePair("level", fields.word()));
		}
		JsonNode time = document.get(fields.timeKey());
		if (time != null) {
			Instant instant = instant(time);
			values.add(new KeyValuePair("timestamp", (instant != null) ? instant.toString() : value(time, secrets)));
		}
		int left = 0;
		for (Map.Entry<String, JsonNode> property : document.properties()) {
			if (fields.lifted(property.getKey())) {
				continue;
			}
			if (values.size() < MAX_VALUES) {
				values.add(new KeyValuePair(cut(clean(property.getKey(), secrets), MAX_KEY_LENGTH),
						value(property.getValue(), secrets)));
			}
			else {
				left++;
			}
		}
		if (left > 0) {
			values.add(new KeyValuePair("left-out", left));
		}
		JsonNode message = document.get(fields.messageKey());
		return new PluginLine(fields.level(), (message != null) ? text(message, secrets) : "", List.copyOf(values));
	}

	private static Object value(JsonNode node, SecretMask secrets) {
		String text = text(node, secrets);
		if (node.isNumber() && text.equals(node.asString())) {
			return node.numberValue();
		}
		return (node.isBoolean() && text.equals(node.asString())) ? (Object) node.booleanValue() : text;
	}

	private static String text(JsonNode node, SecretMask secrets) {
		if (node.isNull()) {
			return "null";
		}
		return clean(node.isContainer() ? write(map(node, secrets::mask)) : node.asString(), secrets);
	}

	private static JsonNode map(JsonNode node, UnaryOperator<String> mask) {
		if (node.isObject()) {
			ObjectNode mapped = JsonNodeFactory.instance.objectNode();
			node.properties()
				.forEach((property) -> mapped.set(mask.apply(property.getKey()), map(property.getValue(), mask)));
			return mapped;
		}
		if (node.isArray()) {
			ArrayNode mapped = JsonNodeFactory.instance.arrayNode();
			node.forEach((element) -> mapped.add(map(element, mask)));
			return mapped;
		}
		String text = node.asString();
		String masked = mask.apply(text);
		return masked.equals(text) ? node : JsonNodeFactory.instance.stringNode(masked);
	}

	private static String write(JsonNode node) {
		return JSON.writeValueAsString(node);
	}

	private static @Nullable Instant instant(JsonNode time) {
		try {
			if (time.isString()) {
				return OffsetDateTime.parse(time.stringValue()).toInstant();
			}
			if (time.isNumber()) {
				double seconds = time.doubleValue();
				// As zap has it; what is beyond may be milliseconds or anything.
				return (seconds >= 0 && seconds < 1e11)
						? Instant.EPOCH.plus(Math.round(seconds * 1e6), ChronoUnit.MICROS) : null;
			}
		}
		catch (DateTimeException ex) {
			// Shown as it is.
		}
		return null;
	}

	/**
	 * Mask secrets and take away what is not text: on one line, without colours. What has
	 * become a secret by that is masked, too.
	 */
	private static String clean(String text, SecretMask secrets) {
		String masked = secrets.mask(text);
		String clean = CONTROL.matcher(ESCAPE_SEQUENCE.matcher(masked).replaceAll("")).replaceAll(" ");
		return clean.equals(masked) ? masked : secrets.mask(clean);
	}

	static String cut(String text, int length) {
		if (text.length() <= length) {
			return text;
		}
		// Not within a character.
		int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
		return text.substring(0, end) + "...";
	}

	/**
	 * The line as one text.
	 */
	String describe() {
		if (this.values.isEmpty()) {
			return this.message;
		}
		StringBuilder text = new StringBuilder();
		if (this.level != null) {
			text.append(this.level).append(' ');
		}
		text.append(this.message);
		this.values.forEach((value) -> text.append(' ').append(value.key).append('=').append(value.value));
		return text.toString();
	}

	/**
	 * Under which keys a kind of JSON has what every log has.
	 *
	 * @param word the level as the plugin said it, in lower case
	 */
	private record Fields(String levelKey, String messageKey, String timeKey, String word) {

		/**
		 * Find out which kind of JSON this is.
		 * @return {@code null} if it has no level that we know, so that it may be
		 * anything
		 */
		static @Nullable Fields of(JsonNode document) {
			if (document.has("@level") || document.has("@message")) {
				return of(document, "@level", "@message", "@timestamp");
			}
			String message = document.path("msg").isString() ? "msg" : "message";
			return document.path(message).isString()
					? of(document, "level", message, document.has("ts") ? "ts" : "time") : null;
		}

		private static @Nullable Fields of(JsonNode document, String levelKey, String messageKey, String timeKey) {
			JsonNode level = document.get(levelKey);
			String word = (level != null && level.isString()) ? level.stringValue().trim().toLowerCase(Locale.ROOT)
					: "";
			return (LEVELS.containsKey(word) || SEVERE.contains(word)) ? new Fields(levelKey, messageKey, timeKey, word)
					: null;
		}

		Level level() {
			return LEVELS.getOrDefault(this.word, Level.ERROR);
		}

		boolean lifted(String key) {
			return key.equals(this.levelKey) || key.equals(this.messageKey) || key.equals(this.timeKey);
		}

	}

}
