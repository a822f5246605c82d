package dev.pluggable.internal.supervisor;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.SecretMask;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A parsed line of a plugin: JSON of hclog, JSON of zap and similar libraries
 * ({@code level}, {@code msg}, {@code ts}), text with a level in brackets, or plain text.
 * A line that almost has one of these forms is plain text. Secrets are masked, and
 * control characters are replaced.
 *
 * @param level the level, {@code null} if the line has none
 * @param message the message
 * @param values further values
 */
record PluginLine(@Nullable Level level, String message, List<KeyValuePair> values) {

	/**
	 * Most values of a line that is still readable.
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

	private static final Map<String, Level> LEVELS = Map.of("trace", Level.TRACE, "debug", Level.DEBUG, "info",
			Level.INFO, "warn", Level.WARN, "warning", Level.WARN, "error", Level.ERROR);

	/**
	 * Levels of zap above {@code ERROR}.
	 */
	private static final Set<String> SEVERE = Set.of("critical", "dpanic", "panic", "fatal");

	private static final List<Level> PREFIXES = List.of(Level.TRACE, Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR);

	/**
	 * Parse a line.
	 * @param line the line of the plugin
	 * @param secrets hides the secrets
	 * @return the parsed line
	 */
	static PluginLine parse(String line, SecretMask secrets) {
		JsonNode document = json(line);
		if (document == null) {
			String text = clean(line, secrets);
			return new PluginLine(prefix(text), text, List.of());
		}
		Fields fields = Fields.of(document);
		if (fields == null) {
			return text(line, secrets);
		}
		return structured(document, fields, secrets);
	}

	/**
	 * Treat a line as plain text.
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
		Values values = new Values();
		if (SEVERE.contains(fields.word())) {
			values.add("level", fields.word());
		}
		JsonNode time = document.get(fields.timeKey());
		if (time != null) {
			Instant instant = instant(time);
			values.add("timestamp", (instant != null) ? instant.toString() : value(time, secrets));
		}
		int left = 0;
		for (Map.Entry<String, JsonNode> property : document.properties()) {
			if (fields.lifted(property.getKey())) {
				continue;
			}
			if (values.size() < MAX_VALUES) {
				values.add(cut(clean(property.getKey(), secrets), MAX_KEY_LENGTH), value(property.getValue(), secrets));
			}
			else {
				left++;
			}
		}
		if (left > 0) {
			values.add("left-out", left);
		}
		JsonNode message = document.get(fields.messageKey());
		return new PluginLine(fields.level(), (message != null) ? text(message, secrets) : "", values.list());
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
		return clean(node.isContainer() ? JSON.writeValueAsString(node) : node.asString(), secrets);
	}

	private static @Nullable Instant instant(JsonNode time) {
		try {
			if (time.isString()) {
				return OffsetDateTime.parse(time.stringValue()).toInstant();
			}
			if (time.isNumber()) {
				double seconds = time.doubleValue();
				// zap writes seconds. A larger number may be milliseconds.
				return (seconds >= 0 && seconds < 1e11)
						? Instant.EPOCH.plus(Math.round(seconds * 1e6), ChronoUnit.MICROS) : null;
			}
		}
		catch (DateTimeException ex) {
			// The text is logged without a change.
		}
		return null;
	}

	/**
	 * Mask secrets, and remove colours and control characters. The removal can reveal
	 * further secrets, which are masked then.
	 */
	private static String clean(String text, SecretMask secrets) {
		String masked = secrets.mask(text);
		String clean = LogText.oneLine(ESCAPE_SEQUENCE.matcher(masked).replaceAll(""));
		return clean.equals(masked) ? masked : secrets.mask(clean);
	}

	static String cut(String text, int length) {
		if (text.length() <= length) {
			return text;
		}
		// Surrogate pairs stay together.
		int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
		return text.substring(0, end) + "...";
	}

	/**
	 * The line and its values as one text.
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
	 * The values of a line with unique names. A name gets a prefix if it is one of the
	 * names that structured log formats have in each line, or if another value has the
	 * name. In a format with nested objects, {@code a} and {@code a.b} exclude each
	 * other.
	 */
	private static final class Values {

		private static final String PREFIX = "plugin_";

		/**
		 * Names in each line of the formats logstash, ECS and GELF.
		 */
		private static final Set<String> RESERVED = Set.of("@timestamp", "@version", "message", "logger_name",
				"thread_name", "level", "level_value", "log", "process", "service", "ecs", "level_name", "process_pid",
				"process_thread_name", "log_logger", "service_version");

		private final List<KeyValuePair> pairs = new ArrayList<>();

		private final Set<String> names = new HashSet<>();

		/**
		 * The names of objects that contain other names.
		 */
		private final Set<String> objects = new HashSet<>();

		void add(String name, Object value) {
			String unique = name;
			while (isTaken(unique)) {
				unique = unique.startsWith(PREFIX) ? unique + "_" : PREFIX + unique.replace('.', '_');
			}
			this.names.add(unique);
			this.objects.addAll(objectsOf(unique));
			this.pairs.add(new KeyValuePair(unique, value));
		}

		private boolean isTaken(String name) {
			return RESERVED.contains(name) || this.names.contains(name) || this.objects.contains(name)
					|| objectsOf(name).stream()
						.anyMatch((object) -> RESERVED.contains(object) || this.names.contains(object));
		}

		private static List<String> objectsOf(String name) {
			List<String> objects = new ArrayList<>();
			for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
				objects.add(name.substring(0, dot));
			}
			return objects;
		}

		int size() {
			return this.pairs.size();
		}

		List<KeyValuePair> list() {
			return List.copyOf(this.pairs);
		}

	}

	/**
	 * The keys of level, message and time in a JSON line.
	 *
	 * @param word level of the line, in lower case
	 */
	private record Fields(String levelKey, String messageKey, String timeKey, String word) {

		/**
		 * Detect the keys of a JSON line.
		 * @return the keys, {@code null} if the line has no known level
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
