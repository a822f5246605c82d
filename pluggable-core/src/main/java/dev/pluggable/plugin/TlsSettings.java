package dev.pluggable.plugin;

import java.util.function.Supplier;

import javax.net.ssl.SSLContext;

/**
 * TLS to a plugin that serves TLS with a certificate of its own, such as a go-plugin with
 * a {@code TLSProvider}. The connections in both directions use the same keys and the
 * same trusted certificates. Immutable.
 *
 * @param context returns the keys and trusted certificates for a new process; called for
 * each process, on a thread that may block. A context without a key cannot serve
 * connections to the plugin
 * @param serverName name that the certificate of the plugin must have
 * @since 0.1.0
 */
public record TlsSettings(Supplier<SSLContext> context, String serverName) {

	/**
	 * Name that a certificate must have by default.
	 */
	public static final String DEFAULT_SERVER_NAME = "localhost";

}
