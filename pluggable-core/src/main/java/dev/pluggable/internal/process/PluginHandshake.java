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
 * The first line of a go-plugin's standard output:
 * {@code CORE|APP|NETWORK|ADDRESS|PROTOCOL|CERTIFICATE}.
 *
 * @param protocolVersion negotiated version of the application's protocol
 * @param address address of the process
 * @param certificate the plugin's certificate (DER), {@code null} without AutoMTLS
 */
record PluginHandshake(int protocolVersion, SocketAddress address, byte @Nullable [] certificate) {

	private static final int CORE_PROTOCOL = 1;

	private static final int MIN_FIELDS = 4;

	/**
	 * Old plugins use the sixth field for a shorter text.
	 */
	private static final int MIN_CERTIFICATE = 51;

	private static final int MAX_SHOWN = 80;

	private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,9}");

	/**
	 * Parse a line.
	 * @param settings settings of the plugin
	 * @param secrets hides the secrets in the text of a failure
	 * @param line the line
	 * @return the handshake
	 * @throws PluginException if the line is not usable
	 */
	static PluginHandshake parse(PluginSettings settings, SecretMask secrets, String line) {
		String[] fields = line.strip().split("\\|", -1);
		if (fields.length < MIN_FIELDS) {
			throw LaunchFailures.of(settings,
					"does not begin with go-plugin's handshake but with '" + shown(secrets, line)
							+ "'. A plugin must print nothing before its handshake. Set 'protocol' to 'socket' if the "
							+ "program is no go-plugin and opens a socket");
		}
		checkCore(settings, secrets, fields[0]);
		int version = version(settings, secrets, fields[1]);
		SocketAddress address = address(settings, secrets, fields[2], fields[3]);
		checkProtocol(settings, secrets, (fields.length > 4) ? fields[4] : "");
		return new PluginHandshake(version, address, certificate(settings, (fields.length > 5) ? fields[5] : ""));
	}

	private static void checkCore(PluginSettings settings, SecretMask secrets, String field) {
		if (!NUMBER.matcher(field).matches()) {
			throw LaunchFailures.lasting(settings,
					"has the text '" + shown(secrets, field)
							+ "' instead of the version of go-plugin's own protocol in its handshake. "
							+ "A plugin must print nothing before its handshake");
		}
		int core = Integer.parseInt(field);
		if (core != CORE_PROTOCOL) {
			throw LaunchFailures.lasting(settings,
					"speaks version " + core + " of go-plugin's own protocol, and the application speaks only version "
							+ CORE_PROTOCOL + ". Build the plugin with go-plugin 1.x");
		}
	}

	private static int version(PluginSettings settings, SecretMask secrets, String field) {
		if (!NUMBER.matcher(field).matches()) {
			throw LaunchFailures.lasting(settings, "has the text '" + shown(secrets, field)
					+ "' instead of the version of the application's protocol in its handshake. Is it a go-plugin?");
		}
		int version = Integer.parseInt(field);
		if (!settings.handshake().protocolVersions().contains(version)) {
			throw LaunchFailures.lasting(settings,
					"speaks version " + version + " of the application's protocol, and the application speaks "
							+ settings.handshake().protocolVersions()
							+ ". Use another version of the plugin, or add the version to "
							+ "'handshake.protocol-versions' if the application supports it");
		}
		return version;
	}

	private static void checkProtocol(PluginSettings settings, SecretMask secrets, String protocol) {
		if (protocol.isEmpty() || protocol.equals("netrpc")) {
			throw LaunchFailures.lasting(settings,
					"speaks Go's net/rpc" + (protocol.isEmpty() ? " (it names no protocol)" : "")
							+ ", and the application supports only gRPC. Serve the plugin with "
							+ "'GRPCServer: plugin.DefaultGRPCServer' and a GRPCPlugin");
		}
		if (!protocol.equals("grpc")) {
			throw LaunchFailures.lasting(settings, "speaks the unknown protocol '" + shown(secrets, protocol)
					+ "', and the application supports only 'grpc'");
		}
	}

	private static byte @Nullable [] certificate(PluginSettings settings, String field) {
		if (!settings.autoMtls()) {
			return null;
		}
		if (field.length() < MIN_CERTIFICATE) {
			throw LaunchFailures.lasting(settings,
					"has sent no certificate, although 'auto-mtls' is true: the plugin has its own TLS "
							+ "settings or does not support AutoMTLS. The application sends nothing in plain text. Set "
							+ "'auto-mtls' to false to allow plain text");
		}
		try {
			return Base64.getDecoder().decode(field);
		}
		catch (IllegalArgumentException ex) {
			throw LaunchFailures.lasting(settings,
					"has sent a certificate that is not Base64. A plugin must print nothing into its " + "handshake");
		}
	}

	/**
	 * Parse an address.
	 * @param settings settings of the plugin
	 * @param secrets hides the secrets in the text of a failure
	 * @param network {@code unix} or {@code tcp}
	 * @param address path of a socket, or host and port
	 * @return the address
	 * @throws PluginException if the address is not usable
	 */
	static SocketAddress address(PluginSettings settings, SecretMask secrets, String network, String address) {
		try {
			return PluginAddress.parse(network, address);
		}
		catch (IllegalArgumentException ex) {
			throw LaunchFailures.lasting(settings,
					"has no usable address: " + secrets.mask(String.valueOf(ex.getMessage()))
							+ ". A plugin must listen on 127.0.0.1 or on a Unix domain socket in the folder in "
							+ "PLUGIN_UNIX_SOCKET_DIR. Set 'pluggable.plugin-directory' to a shorter folder if the "
							+ "path is too long");
		}
	}

	/**
	 * A text of the plugin for a message: short, visible and without secrets.
	 */
	static String shown(SecretMask secrets, String text) {
		return LogText.visible(secrets.mask(text.strip()), MAX_SHOWN);
	}

}
