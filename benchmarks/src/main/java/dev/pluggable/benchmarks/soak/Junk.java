package dev.pluggable.benchmarks.soak;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Entries of a socket folder that are no components. {@link #close()} removes them.
 */
final class Junk implements AutoCloseable {

	private static final int MOST = 6;

	private static final int KINDS = 10;

	private final Path folder;

	private final Path target;

	private final List<Path> entries = new ArrayList<>();

	private final List<Closeable> open = new ArrayList<>();

	private final List<Thread> threads = new ArrayList<>();

	/**
	 * Create entries.
	 * @param folder the socket folder
	 * @param target socket of a component, to which a link leads
	 * @param random chooses the entries
	 */
	Junk(Path folder, Path target, Random random) throws IOException, InterruptedException {
		this.folder = folder;
		this.target = target;
		int count = 1 + random.nextInt(MOST);
		for (int i = 0; i < count; i++) {
			create(random.nextInt(KINDS), "junk" + i);
		}
	}

	private void create(int kind, String name) throws IOException, InterruptedException {
		Path entry = this.folder.resolve(name + ".sock");
		switch (kind) {
			case 0 -> Files.writeString(added(entry), "no socket");
			case 1 -> Files.createDirectory(added(entry));
			case 2 -> Files.createSymbolicLink(added(entry), this.folder.resolve("missing"));
			case 3 -> Files.createSymbolicLink(added(entry), this.target);
			case 4 -> Files.createSymbolicLink(added(entry), entry);
			case 5 -> new ProcessBuilder("mkfifo", added(entry).toString()).inheritIO().start().waitFor();
			case 6 -> Files.writeString(added(this.folder.resolve(name + " \n\u00e4.sock")), "strange name");
			// Nobody listens at the socket any more.
			case 7 -> bind(entry).close();
			// The kernel accepts connections, and nobody answers.
			case 8 -> this.open.add(bind(entry));
			// The server speaks another protocol and closes each connection.
			case 9 -> serve(entry);
			default -> throw new IllegalArgumentException("There is no kind " + kind);
		}
	}

	private Path added(Path entry) {
		this.entries.add(entry);
		return entry;
	}

	private ServerSocketChannel bind(Path entry) throws IOException {
		ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
		server.bind(UnixDomainSocketAddress.of(added(entry)));
		return server;
	}

	private void serve(Path entry) throws IOException {
		ServerSocketChannel server = bind(entry);
		this.open.add(server);
		Thread thread = new Thread(() -> {
			while (server.isOpen()) {
				try (SocketChannel connection = server.accept()) {
					connection
						.write(ByteBuffer.wrap("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
				}
				catch (IOException ex) {
					// The client has gone, or the server is closed.
				}
			}
		}, "soak-junk");
		this.threads.add(thread);
		thread.start();
	}

	@Override
	public void close() throws IOException, InterruptedException {
		for (Closeable closeable : this.open) {
			closeable.close();
		}
		for (Thread thread : this.threads) {
			thread.join();
		}
		for (Path entry : this.entries) {
			Files.deleteIfExists(entry);
		}
	}

}
