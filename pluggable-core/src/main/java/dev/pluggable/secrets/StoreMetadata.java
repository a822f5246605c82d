package dev.pluggable.secrets;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

import dev.pluggable.InvalidRequestException;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a built-in store. Their names ignore case, as in Dapr, and because
 * names of environment variables have no case.
 */
final class StoreMetadata {

	private final Map<String, String> metadata;

	StoreMetadata(Map<String, String> metadata) {
		this.metadata = metadata;
	}

	String text(String name, String fallback) {
		return Objects.requireNonNullElse(find(name), fallback);
	}

	Path path(String name, String meaning) {
		String text = find(name);
		if (text == null || text.isBlank()) {
			throw new InvalidRequestException("Metadata '" + name + "' must be set to the path of " + meaning);
		}
		try {
			return Path.of(text).toAbsolutePath();
		}
		catch (InvalidPathException ex) {
			throw new InvalidRequestException("Metadata '" + name + "' is not a path");
		}
	}

	boolean truth(String name) {
		String text = text(name, "false").trim().toLowerCase(Locale.ROOT);
		return switch (text) {
			case "true", "t", "yes", "y", "on", "1" -> true;
			case "false", "f", "no", "n", "off", "0", "" -> false;
			default -> throw new InvalidRequestException("Metadata '" + name + "' must be 'true' or 'false'");
		};
	}

	private @Nullable String find(String name) {
		String exact = this.metadata.get(name);
		if (exact != null) {
			return exact;
		}
		return this.metadata.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().equalsIgnoreCase(name))
			.map(Map.Entry::getValue)
			.findFirst()
			.orElse(null);
	}

}
