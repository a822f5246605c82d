package dev.pluggable.secrets;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import dev.pluggable.ComponentException;
import dev.pluggable.InvalidRequestException;
import org.jspecify.annotations.Nullable;

/**
 * Reads secrets from a directory with one value in each file, as Kubernetes mounts them.
 * The name of a secret consists of the names of the directories and of the file, with
 * dots between. A directory is a secret, too, with all values below it. Files are read on
 * each request. Kubernetes replaces all files of a mount in one step, by changing the
 * target of the link {@value #DATA}; values that are read together come from one such
 * step.
 */
final class ConfigTreeSecretStore implements SecretStore {

	private static final String DATA = "..data";

	private static final int MAX_BYTES = 1024 * 1024;

	private static final int MAX_FILES = 10_000;

	private static final int MAX_DEPTH = 16;

	/**
	 * The number of attempts to read files that are replaced during the reading.
	 */
	private static final int ATTEMPTS = 3;

	private final Path directory;

	private ConfigTreeSecretStore(Path directory) {
		this.directory = directory;
	}

	static ConfigTreeSecretStore create(Map<String, String> metadata) {
		Path directory = new StoreMetadata(metadata).path("directory", "a directory with a file for each secret");
		if (!Files.isDirectory(directory)) {
			throw new InvalidRequestException("Secrets directory " + directory + " does not exist");
		}
		return new ConfigTreeSecretStore(directory);
	}

	@Override
	public Secret get(GetSecretRequest request) {
		String name = request.name();
		checkName(name);
		return reading(() -> {
			Path found = find(data(this.directory), name, 0);
			if (found == null) {
				throw new SecretNotFoundException(name);
			}
			if (Files.isDirectory(found)) {
				Map<String, String> values = new TreeMap<>();
				collect(found, "", 0, values);
				if (values.isEmpty()) {
					throw new SecretNotFoundException(name);
				}
				return new Secret(values);
			}
			return Secret.of(name, value(found));
		});
	}

	@Override
	public Map<String, Secret> bulkGet(Map<String, String> metadata) {
		Map<String, String> values = new TreeMap<>();
		reading(() -> {
			values.clear();
			collect(this.directory, "", 0, values);
			return values;
		});
		Map<String, Secret> secrets = new TreeMap<>();
		values.forEach((name, value) -> secrets.put(name, Secret.of(name, value)));
		return secrets;
	}

	@Override
	public Set<String> features() {
		return Set.of(SecretFeatures.MULTIPLE_KEY_VALUES_PER_SECRET);
	}

	/**
	 * Check that the directory exists.
	 * @throws ComponentException if it does not exist
	 */
	@Override
	public void ping() {
		if (!Files.isDirectory(this.directory)) {
			throw new ComponentException("Secrets directory " + this.directory + " does not exist", (Throwable) null);
		}
	}

	private static void checkName(String name) {
		boolean strange = name.chars().anyMatch((c) -> c == '/' || c == '\\' || Character.isISOControl(c));
		if (strange || name.equals(".") || name.startsWith("..")) {
			throw new InvalidRequestException(
					"The name of a secret must not begin with '..' or contain '/', '\\' or control characters");
		}
	}

	private <R> R reading(Reading<R> reading) {
		for (int attempt = 1;; attempt++) {
			try {
				return reading.read();
			}
			catch (NoSuchFileException ex) {
				if (attempt == ATTEMPTS) {
					throw failure("changes while it is read, or contains a link without a target");
				}
			}
			catch (SecretFiles.UnreadableException ex) {
				throw failure("contains a file that cannot be used: " + ex.getMessage());
			}
			catch (IOException ex) {
				throw failure("cannot be read (" + ex.getClass().getSimpleName() + ")");
			}
		}
	}

	private ComponentException failure(String reason) {
		return new ComponentException("Secrets directory " + this.directory + " " + reason, (Throwable) null);
	}

	/**
	 * Find the file or directory of a secret. A dot in the name is a part of a file name
	 * or separates directories.
	 */
	private @Nullable Path find(Path directory, String name, int depth) throws IOException {
		if (name.isEmpty() || hidden(name) || depth > MAX_DEPTH) {
			return null;
		}
		Path direct = directory.resolve(name);
		if (Files.exists(direct)) {
			return Files.isDirectory(direct) ? data(direct) : direct;
		}
		for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
			String first = name.substring(0, dot);
			if (!first.isEmpty() && !hidden(first) && Files.isDirectory(directory.resolve(first))) {
				Path found = find(data(directory.resolve(first)), name.substring(dot + 1), depth + 1);
				if (found != null) {
					return found;
				}
			}
		}
		return null;
	}

	private void collect(Path directory, String prefix, int depth, Map<String, String> values) throws IOException {
		if (depth > MAX_DEPTH) {
			throw new SecretFiles.UnreadableException("directories are nested more than " + MAX_DEPTH + " deep");
		}
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(data(directory))) {
			for (Path entry : entries) {
				String name = entry.getFileName().toString();
				if (hidden(name)) {
					continue;
				}
				if (Files.isDirectory(entry)) {
					collect(entry, prefix + name + ".", depth + 1, values);
				}
				else if (values.putIfAbsent(prefix + name, value(entry)) != null) {
					throw new SecretFiles.UnreadableException(
							"two files have the same name when their directories and names are joined by dots");
				}
				if (values.size() > MAX_FILES) {
					throw new SecretFiles.UnreadableException("there are more than " + MAX_FILES + " files");
				}
			}
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
	}

	/**
	 * The directory with the files: the target of Kubernetes' link, if there is one.
	 */
	private static Path data(Path directory) throws IOException {
		Path data = directory.resolve(DATA);
		return Files.isDirectory(data) ? data.toRealPath() : directory;
	}

	/**
	 * Whether a file is one of Kubernetes' own.
	 */
	private static boolean hidden(String name) {
		return name.startsWith("..") || name.equals(".");
	}

	/**
	 * The value of a file. The newline at the end of a single line, which editors add, is
	 * no part of it.
	 */
	private String value(Path file) throws IOException {
		Path real = file.toRealPath();
		if (!real.startsWith(this.directory.toRealPath())) {
			throw new SecretFiles.UnreadableException("a link leads out of the directory");
		}
		if (!Files.isRegularFile(real)) {
			throw new SecretFiles.UnreadableException("an entry is neither a file nor a directory");
		}
		String text = SecretFiles.read(real, MAX_BYTES);
		int end = text.indexOf('\n');
		if (end < 0 || end != text.length() - 1) {
			return text;
		}
		return text.substring(0, (end > 0 && text.charAt(end - 1) == '\r') ? end - 1 : end);
	}

	/**
	 * Reads files.
	 *
	 * @param <R> the result
	 */
	@FunctionalInterface
	private interface Reading<R> {

		R read() throws IOException;

	}

}
