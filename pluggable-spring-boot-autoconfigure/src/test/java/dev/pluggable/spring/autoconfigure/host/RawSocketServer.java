package dev.pluggable.spring.autoconfigure.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server that does not speak gRPC. The server accepts connections, sends some bytes or
 * none, and reads until the client closes the connection.
 */
final class RawSocketServer implements AutoCloseable {

	private final ServerSocketChannel server;

	private final byte[] answer;

	private final boolean close;

	private final AtomicInteger accepted = new AtomicInteger();

	private final Thread thread;

	private RawSocketServer(Path socket, byte[] answer, boolean close) {
		this.answer = answer;
		this.close = close;
		try {
			this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
			this.server.bind(UnixDomainSocketAddress.of(socket));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.thread = start(this::accept);
	}

	/**
	 * Start a server that accepts connections and sends the bytes.
	 */
	static RawSocketServer sending(Path socket, byte[] answer) {
		return new RawSocketServer(socket, answer, false);
	}

	/**
	 * Start a server that accepts connections, sends the bytes and closes the
	 * connections, like an HTTP/1 server.
	 */
	static RawSocketServer sendingAndClosing(Path socket, byte[] answer) {
		return new RawSocketServer(socket, answer, true);
	}

	/**
	 * Start a server that accepts and closes connections.
	 */
	static RawSocketServer closing(Path socket) {
		return new RawSocketServer(socket, new byte[0], true);
	}

	/**
	 * Create a socket without a listening process.
	 */
	static void stale(Path socket) {
		try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			server.bind(UnixDomainSocketAddress.of(socket));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the number of accepted connections.
	 */
	int accepted() {
		return this.accepted.get();
	}

	private static Thread start(Runnable task) {
		Thread thread = new Thread(task, "raw-socket");
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	private void accept() {
		try {
			while (true) {
				SocketChannel connection = this.server.accept();
				this.accepted.incrementAndGet();
				start(() -> serve(connection));
			}
		}
		catch (IOException ex) {
			// The test has ended and closed the server.
		}
	}

	private void serve(SocketChannel connection) {
		try (connection) {
			connection.write(ByteBuffer.wrap(this.answer));
			ByteBuffer received = ByteBuffer.allocate(1024);
			while (!this.close && connection.read(received) >= 0) {
				received.clear();
			}
		}
		catch (IOException ex) {
			// The client has already closed the connection.
		}
	}

	@Override
	public void close() throws Exception {
		this.server.close();
		this.thread.join();
	}

}
