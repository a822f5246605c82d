package dev.pluggable.internal.supervisor;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.time.Duration;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * Finds out whether a server speaks TLS: sends the first message of a TLS client, and
 * looks at the first bytes of the answer.
 */
final class TlsProbe {

	private static final Duration TIMEOUT = Duration.ofSeconds(2);

	private static final int ALERT = 21;

	private static final int HANDSHAKE = 22;

	private static final int MAJOR_VERSION = 3;

	private TlsProbe() {
	}

	/**
	 * Ask a server. Blocks for at most a few seconds.
	 * @param address address of the server
	 * @return {@code false} if the server does not speak TLS, or gives no answer
	 */
	static boolean servesTls(SocketAddress address) {
		try (SocketChannel channel = open(address); Selector selector = Selector.open()) {
			channel.connect(address);
			channel.write(hello());
			channel.configureBlocking(false);
			channel.register(selector, SelectionKey.OP_READ);
			ByteBuffer answer = ByteBuffer.allocate(2);
			long end = System.nanoTime() + TIMEOUT.toNanos();
			while (answer.hasRemaining()) {
				long millis = Duration.ofNanos(end - System.nanoTime()).toMillis();
				if (millis <= 0 || selector.select(millis) == 0 || channel.read(answer) == -1) {
					return false;
				}
				selector.selectedKeys().clear();
			}
			return (answer.get(0) == HANDSHAKE || answer.get(0) == ALERT) && answer.get(1) == MAJOR_VERSION;
		}
		catch (IOException | GeneralSecurityException ex) {
			return false;
		}
	}

	private static SocketChannel open(SocketAddress address) throws IOException {
		return (address instanceof UnixDomainSocketAddress) ? SocketChannel.open(StandardProtocolFamily.UNIX)
				: SocketChannel.open();
	}

	private static ByteBuffer hello() throws IOException, GeneralSecurityException {
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(null, null, null);
		SSLEngine engine = context.createSSLEngine("localhost", 1);
		engine.setUseClientMode(true);
		ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
		engine.wrap(ByteBuffer.allocate(0), hello);
		return hello.flip();
	}

}
