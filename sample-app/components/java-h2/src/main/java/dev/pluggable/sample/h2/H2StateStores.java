package dev.pluggable.sample.h2;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

import dev.pluggable.ComponentException;
import dev.pluggable.ComponentFactory;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.state.StateStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates one store for each component name; each store has its own file. Safe for use by
 * many threads.
 */
final class H2StateStores implements ComponentFactory<StateStore> {

	private static final Logger logger = LoggerFactory.getLogger(H2StateStores.class);

	private static final String EXTENSION = ".mv";

	/**
	 * No component name leads to this file name: there, two digits follow each percent
	 * sign.
	 */
	private static final String UNNAMED = "%unnamed";

	private static final int MAX_FILE_NAME = 255;

	private final Path folder;

	private final Consumer<Throwable> fatal;

	private final Map<Path, H2StateStore> stores = new HashMap<>();

	/**
	 * Stores in a folder.
	 * @param folder the folder, created when it is needed
	 * @param fatal told once by each store that can no longer write
	 */
	H2StateStores(Path folder, Consumer<Throwable> fatal) {
		this.folder = folder;
		this.fatal = fatal;
	}

	/**
	 * Open the store of a component. While the store is open, the same name returns the
	 * same store: its metadata may have changed in a way that this class ignores.
	 */
	@Override
	public synchronized StateStore create(String name, Map<String, String> metadata) {
		Path file = file(name, metadata.getOrDefault("path", ""));
		this.stores.values().removeIf(H2StateStore::isClosed);
		H2StateStore existing = this.stores.get(file);
		if (existing != null) {
			if (!existing.name().equals(name)) {
				throw new InvalidRequestException("File '" + file + "' is in use by component '" + existing.name()
						+ "': metadata 'path' must differ from component to component");
			}
			return existing;
		}
		H2StateStore store = new H2StateStore(name, DataFile.open(file), Clock.systemUTC(), this.fatal);
		this.stores.put(file, store);
		logger.info("Component '{}' has its data in {}", name, file);
		return store;
	}

	/**
	 * The open stores.
	 * @return the stores by the names of their components
	 */
	synchronized Map<String, H2StateStore> open() {
		Map<String, H2StateStore> open = new TreeMap<>();
		this.stores.values().forEach((store) -> {
			if (!store.isClosed()) {
				open.put(store.name(), store);
			}
		});
		return open;
	}

	private Path file(String name, String path) {
		try {
			Path file = this.folder.resolve(path.isEmpty() ? fileName(name) : path).toAbsolutePath().normalize();
			Path parent = file.getParent();
			Path fileName = file.getFileName();
			if (parent == null || fileName == null) {
				throw new InvalidRequestException("Metadata 'path' must name a file: '" + path + "'");
			}
			createFolder(parent);
			return parent.toRealPath().resolve(fileName);
		}
		catch (InvalidPathException ex) {
			throw new InvalidRequestException("Metadata 'path' is not a path: " + ex.getMessage());
		}
		catch (IOException ex) {
			throw new ComponentException("The folder of the data of component '" + name + "' cannot be used: " + ex,
					ex);
		}
	}

	private static void createFolder(Path folder) throws IOException {
		if (!Files.isDirectory(folder)) {
			Files.createDirectories(folder,
					PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
		}
	}

	/**
	 * Name of the file of a component. Two components never have the same file, and no
	 * file is outside the folder.
	 */
	static String fileName(String component) {
		StringBuilder result = new StringBuilder();
		for (byte octet : component.getBytes(StandardCharsets.UTF_8)) {
			char character = (char) (octet & 0xff);
			boolean plain = character < 0x80 && (Character.isLetterOrDigit(character) || character == '-'
					|| character == '_' || (character == '.' && !result.isEmpty()));
			result.append(plain ? character : String.format(Locale.ROOT, "%%%02x", (int) character));
		}
		String fileName = (result.isEmpty() ? UNNAMED : result) + EXTENSION;
		if (fileName.length() > MAX_FILE_NAME) {
			throw new InvalidRequestException("The name of the component is too long for a file; set metadata 'path'");
		}
		return fileName;
	}

}
