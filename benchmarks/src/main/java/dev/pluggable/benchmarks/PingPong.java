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
 * Blocking exchange of bytes on a Unix socket with one thread per connection. It shows
 * the cost of the kernel and two threads without any protocol. The first eight bytes of a
 * request contain the sizes of the request and its response.
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
	 * Open the connection of one caller.
	 * @param socket socket of the other side
	 * @param requestSize size of each request in bytes
	 * @param responseSize size of each response in bytes, at least 1
	 */
	static PingPong connect(Path socket, int requestSize, int responseSize) throws IOException {
		return new PingPong(SocketChannel.open(UnixDomainSocketAddress.of(socket)), requestSize, responseSize);
	}

	/**
	 * Send one request and wait for its response.
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
				// One of the two sides has closed the connection.
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
	 * The side that responds.
	 */
	interface Listener extends Closeable {

	}

	private interface Loop {

		void run() throws IOException;

	}

}
