package dev.pluggable.internal.process;

import java.net.SocketAddress;
import java.util.Base64;
import java.util.regex.Pattern;

import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import org.jspecify.annotations.Nullable;

/**
 * The line by which a go-plugin says where it can be reached:
 * {@code CORE|APP|NETWORK|ADDRESS|PROTOCOL|CERTIFICATE}.
 *
 * @param protocolVersion version of the application's protocol
 * @param address where it listens
 * @param certificate the plugin's certificate (DER), {@code null} unless it was asked for
 */
record PluginHandshake(int protocolVersion, SocketAddress address, byte @Nullable [] certificate) {

	private static final int CORE_PROTOCOL = 1;

	private static final int MIN_FIELDS = 4;

	/**
	 * Old plugins say something else in the field of the certificate, but nothing as
	 * long.
	 */
	private static final int MIN_CERTIFICATE = 51;

	private static final int MAX_SHOWN = 80;

	private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,9}");

	/**
	 * Read the line.
	 * @param settings settings of the plugin
	 * @param line the line
	 * @return what it says
	 * @throws PluginException if it cannot be used, with what to do
	 */
	static PluginHandshake parse(PluginSettings settings, String line) {
		String[] fields = line.strip().split("\\|", -1);
		if (fields.length < MIN_FIELDS) {
			throw failure(settings,
					"does not begin with go-plugin's handshake but with '" + shown(settings, line)
							+ "'. A plugin must print nothing before its handshake; if the program is no go-plugin but "
							+ "opens a socket, set 'protocol' to 'socket'");
		}
		checkCore(settings, fields[0]);
		int version = version(settings, fields[1]);
		SocketAddress address = address(settings, fields[2], fields[3]);
		checkProtocol(settings, (fields.length > 4) ? fields[4] : "");
		return new PluginHandshake(version, address, certificate(settings, (fields.length > 5) ? fields[5] : ""));
	}

	private static void checkCore(PluginSettings settings, String field) {
		if (!NUMBER.matcher(field).matches()) {
			throw failure(settings, "has no number of go-plugin's own protocol in its handshake but '"
					+ shown(settings, field) + "'. A plugin must print nothing before its handshake");
		}
		int core = Integer.parseInt(field);
		if (core != CORE_PROTOCOL) {
			throw failure(settings, "speaks version " + core + " of go-plugin's own protocol, and only " + CORE_PROTOCOL
					+ " is known here: build it with go-plugin 1.x");
		}
	}

	private static int version(PluginSettings settings, String field) {
		if (!NUMBER.matcher(field).matches()) {
			throw failure(settings, "has no version of the application's protocol in its handshake but '"
					+ shown(settings, field) + "'; is it a go-plugin?");
		}
		int version = Integer.parseInt(field);
		if (!settings.handshake().protocolVersions().contains(version)) {
			throw failure(settings,
					"speaks version " + version + " of the application's protocol, and we speak "
							+ settings.handshake().protocolVersions()
							+ ": use another version of the plugin, or set 'handshake.protocol-versions' "
							+ "if we do speak that one");
		}
		return version;
	}

	private static void checkProtocol(PluginSettings settings, String protocol) {
		if (protocol.isEmpty() || protocol.equals("netrpc")) {
			throw failure(settings,
					"speaks Go's net/rpc" + (protocol.isEmpty() ? " (it names no protocol)" : "")
							+ ", and only gRPC is supported: serve it with "
							+ "'GRPCServer: plugin.DefaultGRPCServer' and a plugin that is a GRPCPlugin");
		}
		if (!protocol.equals("grpc")) {
			throw failure(settings,
					"speaks the unknown protocol '" + shown(settings, protocol) + "', and only 'grpc' is supported");
		}
	}

	private static byte @Nullable [] certificate(PluginSettings settings, String field) {
		if (!settings.autoMtls()) {
			return null;
		}
		if (field.length() < MIN_CERTIFICATE) {
			throw failure(settings, "has sent no certificate although 'auto-mtls' is set: it has TLS settings of its "
					+ "own, or does not support it. Nothing is sent to it in plain text; set 'auto-mtls' to false "
					+ "if that is what you want");
		}
		try {
			return Base64.getDecoder().decode(field);
		}
		catch (IllegalArgumentException ex) {
			throw failure(settings, "has sent a certificate that cannot be read, as it is not in Base64. "
					+ "A plugin must print nothing into its handshake");
		}
	}

	/**
	 * Read an address.
	 * @param settings settings of the plugin
	 * @param network {@code unix} or {@code tcp}
	 * @param address path of a socket, or host and port
	 * @return the address
	 * @throws PluginException if it cannot be used, with what to do
	 */
	static SocketAddress address(PluginSettings settings, String network, String address) {
		try {
			return PluginAddress.parse(network, address);
		}
		catch (IllegalArgumentException ex) {
			throw failure(settings,
					"cannot be reached where it says that it listens: " + ex.getMessage()
							+ ". It must listen on a Unix domain socket in the folder in PLUGIN_UNIX_SOCKET_DIR, which "
							+ "'pluggable.plugin-directory' makes shorter, or on 127.0.0.1");
		}
	}

	/**
	 * A failure that names the plugin and its program, but no arguments, which may be
	 * secret.
	 * @param settings settings of the plugin
	 * @param text what is wrong and what to do, with the plugin as its subject
	 * @return the exception
	 */
	static PluginException failure(PluginSettings settings, String text) {
		return new PluginException(subject(settings) + " " + text);
	}

	static String subject(PluginSettings settings) {
		return "Plugin '" + settings.name() + "'"
				+ (settings.command().isEmpty() ? "" : " ('" + settings.command().get(0) + "')");
	}

	private static String shown(PluginSettings settings, String text) {
		return LogText.visible(new SecretMask(settings.environment().variables()).mask(text.strip()), MAX_SHOWN);
	}

}
