package dev.pluggable.internal.process;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.pluggable.internal.support.LogText;
import dev.pluggable.transport.SocketPaths;
import io.netty.util.NetUtil;

/**
 * Parses an address of go-plugin: a Unix domain socket, or a port on this machine.
 */
public final class PluginAddress {

	private static final String UNIX = "unix";

	private static final String TCP = "tcp";

	private static final Pattern HOST_AND_PORT = Pattern.compile("\\[?([^\\[\\]]*?)]?:(\\d{1,5})");

	private static final int MAX_PORT = 65535;

	private static final int MAX_SHOWN = 200;

	private PluginAddress() {
	}

	/**
	 * Parse an address without a name lookup.
	 * @param network {@code unix} or {@code tcp}
	 * @param address path of the socket, or host and port
	 * @return the address
	 * @throws IllegalArgumentException if the text is no address on this machine
	 */
	public static SocketAddress parse(String network, String address) {
		return switch (network) {
			case UNIX -> unix(address);
			case TCP -> tcp(address);
			default ->
				throw new IllegalArgumentException("the network '" + shown(network) + "' is neither 'unix' nor 'tcp'");
		};
	}

	/**
	 * The address of a Unix domain socket.
	 */
	private static SocketAddress unix(String address) {
		Path path;
		try {
			path = Path.of(address);
		}
		catch (InvalidPathException ex) {
			throw new IllegalArgumentException("'" + shown(address) + "' is not a path");
		}
		if (!LogText.visible(address, Integer.MAX_VALUE).equals(address)) {
			throw new IllegalArgumentException(
					"the path '" + shown(address) + "' of the socket has control characters");
		}
		if (!path.isAbsolute()) {
			throw new IllegalArgumentException("the path '" + shown(address) + "' of the socket is not absolute");
		}
		if (!SocketPaths.fits(path)) {
			throw new IllegalArgumentException("the path '" + shown(address) + "' of the socket has "
					+ SocketPaths.length(path) + " bytes, and the system allows " + SocketPaths.MAX_BYTES);
		}
		return UnixDomainSocketAddress.of(path);
	}

	private static SocketAddress tcp(String address) {
		Matcher matcher = HOST_AND_PORT.matcher(address);
		int port = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
		if (port < 1 || port > MAX_PORT) {
			throw new IllegalArgumentException("'" + shown(address) + "' is not a host and a port");
		}
		InetAddress host = host(matcher.group(1));
		if (!host.isLoopbackAddress()) {
			throw new IllegalArgumentException("'" + shown(address)
					+ "' is not a loopback address, and the application connects only to this machine");
		}
		return new InetSocketAddress(host, port);
	}

	private static InetAddress host(String host) {
		if (host.isEmpty() || host.equals("localhost")) {
			return InetAddress.getLoopbackAddress();
		}
		InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
		if (literal == null) {
			throw new IllegalArgumentException("'" + shown(host) + "' is not an IP address");
		}
		return literal;
	}

	private static String shown(String text) {
		return LogText.visible(text, MAX_SHOWN);
	}

}
