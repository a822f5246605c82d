package dev.pluggable.secrets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import dev.pluggable.ComponentException;
import dev.pluggable.InvalidRequestException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads secrets from a file, and reads it again when it has changed. While the file
 * cannot be used, such as while somebody writes it, the store keeps the last secrets. The
 * log then reports each fault once, and {@link #ping()} fails.
 */
final class FileSecretStore implements SecretStore {

	private static final Logger logger = LoggerFactory.getLogger(FileSecretStore.class);

	private static final int MAX_BYTES = 10 * 1024 * 1024;

	/**
	 * The granularity of a file system's clock. A file that was changed less than this
	 * before it was read may have changed again without a new time.
	 */
	private static final Duration CLOCK_TICK = Duration.ofSeconds(2);

	private final Path file;

	private final String separator;

	private final boolean multiValued;

	private volatile Content content;

	private FileSecretStore(Path file, String separator, boolean multiValued) throws IOException {
		this.file = file;
		this.separator = separator;
		this.multiValued = multiValued;
		Stamp stamp = stamp();
		this.content = new Content(stamp, read(), null);
	}

	static FileSecretStore create(Map<String, String> metadata) {
		StoreMetadata settings = new StoreMetadata(metadata);
		Path file = settings.path("secretsFile", "a JSON or properties file");
		String separator = settings.text("nestedSeparator", "");
		try {
			return new FileSecretStore(file, separator.isEmpty() ? ":" : separator, settings.truth("multiValued"));
		}
		catch (IOException ex) {
			throw new InvalidRequestException(problem(file, ex));
		}
	}

	@Override
	public Secret get(GetSecretRequest request) {
		Secret secret = current().secrets().get(request.name());
		if (secret == null) {
			throw new SecretNotFoundException(request.name());
		}
		return secret;
	}

	@Override
	public Map<String, Secret> bulkGet(Map<String, String> metadata) {
		return current().secrets();
	}

	@Override
	public Set<String> features() {
		return this.multiValued ? Set.of(SecretFeatures.MULTIPLE_KEY_VALUES_PER_SECRET) : Set.of();
	}

	/**
	 * Check that the file can be used.
	 * @throws ComponentException if it cannot be used, so that the store returns older
	 * secrets
	 */
	@Override
	public void ping() {
		String problem = current().problem();
		if (problem != null) {
			throw new ComponentException(problem, (Throwable) null);
		}
	}

	private Content current() {
		Content known = this.content;
		try {
			Stamp stamp = stamp();
			if (known.problem() == null && stamp.settledAs(known.stamp())) {
				return known;
			}
			Content read = new Content(stamp, read(), null);
			if (known.problem() != null) {
				logger.info("Secrets file {} can be used again", this.file);
			}
			this.content = read;
			return read;
		}
		catch (IOException ex) {
			String problem = problem(this.file, ex);
			if (!problem.equals(known.problem())) {
				logger.warn("{}; the store keeps the secrets that it read before", problem);
			}
			Content kept = new Content(known.stamp(), known.secrets(), problem);
			this.content = kept;
			return kept;
		}
	}

	private Map<String, Secret> read() throws IOException {
		String name = this.file.getFileName().toString().toLowerCase(Locale.ROOT);
		return Map.copyOf(
				SecretDocument.read(name, SecretFiles.read(this.file, MAX_BYTES), this.separator, this.multiValued));
	}

	private Stamp stamp() throws IOException {
		BasicFileAttributes attributes = Files.readAttributes(this.file, BasicFileAttributes.class);
		if (attributes.isDirectory()) {
			throw new SecretFiles.UnreadableException("is a directory");
		}
		return new Stamp(attributes.lastModifiedTime().toInstant(), attributes.size(), attributes.fileKey(),
				Instant.now());
	}

	private static String problem(Path file, IOException failure) {
		String reason;
		if (failure instanceof SecretFiles.UnreadableException unreadable) {
			reason = String.valueOf(unreadable.getMessage());
		}
		else if (failure instanceof NoSuchFileException) {
			reason = "does not exist";
		}
		else {
			reason = "cannot be read (" + failure.getClass().getSimpleName() + ")";
		}
		return "Secrets file " + file + " " + reason;
	}

	/**
	 * The identity of a file, and the moment at which it was read.
	 */
	private record Stamp(Instant modified, long size, @Nullable Object key, Instant read) {

		/**
		 * Whether the file certainly is as it was at another moment.
		 */
		boolean settledAs(Stamp earlier) {
			return this.modified.equals(earlier.modified) && this.size == earlier.size
					&& (this.key == null || this.key.equals(earlier.key))
					&& earlier.read.isAfter(earlier.modified.plus(CLOCK_TICK));
		}

	}

	/**
	 * The secrets of the last reading that succeeded.
	 */
	private record Content(Stamp stamp, Map<String, Secret> secrets, @Nullable String problem) {
	}

}
