package dev.pluggable.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A private folder with a short path, because the path of a socket has at most 107 bytes.
 * {@link #close()} deletes the folder.
 */
public final class WorkFolder implements AutoCloseable {

	private final Path path;

	/**
	 * Create a folder.
	 * @throws IOException if the folder cannot be created
	 */
	public WorkFolder() throws IOException {
		this.path = Files.createTempDirectory(Path.of("/tmp"), "bench");
	}

	/**
	 * Resolve a name against this folder.
	 * @param name the name
	 * @return the path
	 */
	public Path resolve(String name) {
		return this.path.resolve(name);
	}

	/**
	 * Create a folder in this folder.
	 * @param name name of the folder
	 * @return the path
	 * @throws IOException if the folder cannot be created
	 */
	public Path folder(String name) throws IOException {
		return Files.createDirectories(this.path.resolve(name));
	}

	@Override
	public void close() throws IOException {
		List<Path> all;
		try (Stream<Path> paths = Files.walk(this.path)) {
			all = paths.sorted(Comparator.reverseOrder()).toList();
		}
		for (Path path : all) {
			Files.deleteIfExists(path);
		}
	}

}
