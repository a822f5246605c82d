package dev.pluggable.secrets;

import java.io.IOException;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.pluggable.secrets.SecretFiles.UnreadableException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Parses the secrets of a JSON or properties file. It parses JSON like Dapr does.
 */
final class SecretDocument {

	private static final JsonFactory JSON = new JsonFactory();

	private static final Pattern BAD_ESCAPE = Pattern.compile("(?<!\\\\)(?:\\\\\\\\)*\\\\u(?![0-9a-fA-F]{4})");

	private final String separator;

	private final boolean multiValued;

	private final Map<String, Map<String, String>> secrets = new LinkedHashMap<>();

	private SecretDocument(String separator, boolean multiValued) {
		this.separator = separator;
		this.multiValued = multiValued;
	}

	/**
	 * Parse a text.
	 * @param name name of the file, whose extension decides about the format; without a
	 * known extension, a text that begins with a brace is JSON
	 * @param text the text
	 * @param separator separator between the names of a nested value
	 * @param multiValued whether a secret can have several values
	 * @return secrets by their names
	 * @throws UnreadableException if the text cannot be used
	 */
	static Map<String, Secret> read(String name, String text, String separator, boolean multiValued)
			throws UnreadableException {
		if (text.isBlank()) {
			throw new UnreadableException("is empty");
		}
		SecretDocument document = new SecretDocument(separator, multiValued);
		boolean json = name.endsWith(".json") || (!name.endsWith(".properties") && text.stripLeading().startsWith("{"));
		if (json) {
			document.readJson(text);
		}
		else {
			document.readProperties(text);
		}
		Map<String, Secret> secrets = new LinkedHashMap<>();
		document.secrets.forEach((secret, values) -> secrets.put(secret, new Secret(values)));
		return secrets;
	}

	private void readJson(String text) throws UnreadableException {
		// Messages and causes of the parser's exceptions contain parts of the text.
		try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
			if (parser.nextToken() != JsonToken.START_OBJECT) {
				throw new UnreadableException("is not a JSON object (line 1)");
			}
			try {
				readObject(parser, "", "");
				if (parser.nextToken() != null) {
					throw bad(parser, "has text after the JSON object");
				}
			}
			catch (JacksonException ex) {
				throw bad(parser, "is not valid JSON");
			}
		}
		catch (JacksonException ex) {
			throw new UnreadableException("is not valid JSON");
		}
	}

	private static UnreadableException bad(JsonParser parser, String reason) {
		return new UnreadableException(reason + " (line " + parser.currentLocation().getLineNr() + ")");
	}

	/**
	 * Read an object.
	 * @param secret name of the secret to which the object belongs, empty if there is
	 * none
	 * @param path names of the outer objects, each followed by a separator
	 */
	private void readObject(JsonParser parser, String secret, String path) throws UnreadableException {
		while (parser.nextToken() != JsonToken.END_OBJECT) {
			String name = parser.currentName();
			JsonToken token = parser.nextToken();
			readValue(parser, token, secret, path, name);
		}
	}

	private void readArray(JsonParser parser, String secret, String path) throws UnreadableException {
		int index = 0;
		for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
			readValue(parser, token, secret, path, Integer.toString(index++));
		}
	}

	private void readValue(JsonParser parser, JsonToken token, String secret, String path, String name)
			throws UnreadableException {
		boolean opensSecret = this.multiValued && secret.isEmpty();
		String inner = opensSecret ? name : secret;
		String innerPath = opensSecret ? "" : path + name + this.separator;
		switch (token) {
			case START_OBJECT -> readObject(parser, inner, innerPath);
			case START_ARRAY -> readArray(parser, inner, innerPath);
			case VALUE_NULL -> {
				// A name without a value is not a secret.
			}
			default -> {
				String key = path + name;
				if (!put(secret.isEmpty() ? key : secret, key, parser.getString())) {
					throw bad(parser, "has two values for one name, or an empty name");
				}
			}
		}
	}

	private void readProperties(String text) throws UnreadableException {
		Properties properties = new Properties();
		try {
			properties.load(new StringReader(text));
		}
		catch (IllegalArgumentException | IOException ex) {
			Matcher escape = BAD_ESCAPE.matcher(text);
			long line = escape.find() ? text.substring(0, escape.end()).lines().count() : 1;
			throw new UnreadableException("has an escape '\\u' without four hexadecimal digits (line " + line + ")");
		}
		for (String name : new TreeSet<>(properties.stringPropertyNames())) {
			int end = this.multiValued ? name.indexOf(this.separator) : -1;
			boolean nested = end > 0 && end + this.separator.length() < name.length();
			put(nested ? name.substring(0, end) : name, nested ? name.substring(end + this.separator.length()) : name,
					properties.getProperty(name));
		}
	}

	private boolean put(String secret, String key, String value) {
		return !secret.isEmpty() && this.secrets.computeIfAbsent(secret, (name) -> new LinkedHashMap<>())
			.putIfAbsent(key, value) == null;
	}

}
