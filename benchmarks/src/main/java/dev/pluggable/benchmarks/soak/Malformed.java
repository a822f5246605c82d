package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Connections to a server that carry something else than requests. {@link #close()} ends
 * them.
 */
final class Malformed implements AutoCloseable {

	private static final int MOST = 40;

	private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

	/** What a connection sends; random bytes follow. */
	private static final List<byte[]> BEGINNINGS = List.of(new byte[0], ascii("GET / HTTP/1.1\r\nHost: soak\r\n\r\n"),
			ascii(PREFACE.substring(0, 10)), ascii(PREFACE),
			// A SETTINGS frame, complete and with a wrong length.
			frame(0, 4, 0, 0), frame(5, 4, 0, 0),
			// Frames of 16 MiB: HEADERS, DATA of a stream that is not open, and an
			// unknown
			// kind.
			frame(0xffffff, 1, 4, 1), frame(0xffffff, 0, 0, 3), frame(0xffffff, 99, 0, 0),
			// HEADERS that no decoder understands, and CONTINUATION of nothing.
			frame(64, 1, 5, 1), frame(64, 9, 4, 1),
			// A GOAWAY, a reset of a stream that is not open, and a window of 0.
			frame(8, 7, 0, 0), frame(4, 3, 0, 77), frame(4, 8, 0, 0));

	private final List<SocketChannel> connections = new ArrayList<>();

	/**
	 * Open connections, and send to each of them.
	 * @param socket the socket of the server
	 * @param random chooses the connections
	 */
	Malformed(Path socket, Random random) throws IOException {
		int count = 1 + random.nextInt(MOST);
		for (int i = 0; i < count; i++) {
			SocketChannel connection = SocketChannel.open(UnixDomainSocketAddress.of(socket));
			this.connections.add(connection);
			byte[] rest = new byte[random.nextInt(200)];
			random.nextBytes(rest);
			// Some connections say nothing.
			if (random.nextInt(4) > 0) {
				send(connection, BEGINNINGS.get(random.nextInt(BEGINNINGS.size())), rest);
			}
			if (random.nextInt(4) == 0) {
				connection.close();
			}
		}
	}

	private static void send(SocketChannel connection, byte[] beginning, byte[] rest) {
		try {
			connection.write(ByteBuffer.wrap(beginning));
			connection.write(ByteBuffer.wrap(rest));
		}
		catch (IOException ex) {
			// The server has closed the connection.
		}
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	/**
	 * Return the preface and the header of a frame.
	 */
	private static byte[] frame(int length, int type, int flags, int stream) {
		byte[] preface = ascii(PREFACE);
		return ByteBuffer.allocate(preface.length + 9)
			.put(preface)
			.put((byte) (length >> 16))
			.putShort((short) length)
			.put((byte) type)
			.put((byte) flags)
			.putInt(stream)
			.array();
	}

	@Override
	public void close() throws IOException {
		for (SocketChannel connection : this.connections) {
			connection.close();
		}
	}

}
