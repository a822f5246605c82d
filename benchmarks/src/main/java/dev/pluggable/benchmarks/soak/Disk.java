package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A small file system in memory, which can be full.
 */
final class Disk implements AutoCloseable {

	private static final String OPTIONS = "size=64m,nr_inodes=2000,mode=0700";

	private static final int BLOCK = 1 << 20;

	private static final String BALLAST = "ballast";

	private final Path folder;

	/**
	 * Mount a file system. This process must be alone in its mount namespace.
	 * @param folder an empty folder
	 */
	Disk(Path folder) throws IOException, InterruptedException {
		this.folder = folder;
		run("mount", "-t", "tmpfs", "-o", OPTIONS, "soak", folder.toString());
	}

	private static void run(String... command) throws IOException, InterruptedException {
		int status = new ProcessBuilder(command).inheritIO().start().waitFor();
		if (status != 0) {
			throw new IOException("'" + String.join(" ", command) + "' failed with " + status);
		}
	}

	/**
	 * Use all space, and all entries of folders, until {@link #free()}.
	 */
	void fill() throws IOException {
		byte[] block = new byte[BLOCK];
		try (OutputStream out = Files.newOutputStream(this.folder.resolve(BALLAST))) {
			while (true) {
				out.write(block);
			}
		}
		catch (IOException ex) {
			requireFull(ex);
		}
		try {
			for (int i = 0;; i++) {
				Files.createFile(this.folder.resolve(BALLAST + i));
			}
		}
		catch (IOException ex) {
			requireFull(ex);
		}
	}

	private static void requireFull(IOException ex) throws IOException {
		if (ex.getMessage() == null || !ex.getMessage().contains("No space left")) {
			throw ex;
		}
	}

	void free() throws IOException {
		Files.deleteIfExists(this.folder.resolve(BALLAST));
		for (int i = 0; Files.deleteIfExists(this.folder.resolve(BALLAST + i)); i++) {
			// The next one.
		}
	}

	@Override
	public void close() throws IOException, InterruptedException {
		run("umount", this.folder.toString());
	}

}
