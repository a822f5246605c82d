package dev.pluggable.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Bytes to and fro on a Unix socket, blocking, with a thread for each connection: what
 * the kernel and two threads take, without any protocol. A request says in eight bytes
 * how long it and its answer are.
 */
final class PingPong implements Closeable {

	private static final int HEADER = 8;

	private final SocketChannel channel;

	private final ByteBuffer request;

	private final ByteBuffer response;

	private PingPong(SocketChannel channel, int requestSize, int responseSize) {
		this.channel = channel;
		this.request = ByteBuffer.allocateDirect(HEADER + requestSize);
		this.request.putInt(requestSize).putInt(responseSize).clear();
		this.response = ByteBuffer.allocateDirect(responseSize);
	}

	/**
	 * A connection of one caller.
	 * @param socket where the other side listens
	 * @param requestSize size of each request
	 * @param responseSize size of each answer, at least 1
	 */
	static PingPong connect(Path socket, int requestSize, int responseSize) throws IOException {
		return new PingPong(SocketChannel.open(UnixDomainSocketAddress.of(socket)), requestSize, responseSize);
	}

	/**
	 * To and fro, once.
	 */
	Object call() throws IOException {
		writeFully(this.channel, this.request.clear());
		readFully(this.channel, this.response.clear());
		return this.response;
	}

	@Override
	public void close() throws IOException {
		this.channel.close();
	}

	static Listener listen(Path socket) throws IOException {
		Files.deleteIfExists(socket);
		ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
		server.bind(UnixDomainSocketAddress.of(socket), 1024);
		start(() -> {
			while (true) {
				SocketChannel connection = server.accept();
				start(() -> echo(connection));
			}
		});
		return server::close;
	}

	private static void start(Loop loop) {
		Thread thread = new Thread(() -> {
			try {
				loop.run();
			}
			catch (IOException ex) {
				// The other side, or this one, has ended.
			}
		}, "ping-pong");
		thread.setDaemon(true);
		thread.start();
	}

	private static void echo(SocketChannel connection) throws IOException {
		try (connection) {
			ByteBuffer header = ByteBuffer.allocateDirect(HEADER);
			ByteBuffer body = ByteBuffer.allocateDirect(0);
			while (true) {
				readFully(connection, header.clear());
				header.flip();
				int requestSize = header.getInt();
				int responseSize = header.getInt();
				if (body.capacity() < Math.max(requestSize, responseSize)) {
					body = ByteBuffer.allocateDirect(Math.max(requestSize, responseSize));
				}
				readFully(connection, body.clear().limit(requestSize));
				writeFully(connection, body.clear().limit(responseSize));
			}
		}
	}

	private static void readFully(SocketChannel channel, ByteBuffer buffer) throws IOException {
		while (buffer.hasRemaining()) {
			if (channel.read(buffer) < 0) {
				throw new IOException("The other side has ended");
			}
		}
	}

	private static void writeFully(SocketChannel channel, ByteBuffer buffer) throws IOException {
		while (buffer.hasRemaining()) {
			channel.write(buffer);
		}
	}

	/**
	 * The side that answers.
	 */
	interface Listener extends Closeable {

	}

	private interface Loop {

		void run() throws IOException;

	}

}
