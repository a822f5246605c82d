package dev.pluggable.internal.supervisor;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;

import javax.net.ssl.SSLException;

import dev.pluggable.plugin.PluginException;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;

/**
 * The application's key and certificate for one process of a plugin under AutoMTLS. The
 * key stays in the application, and the process gets the certificate in its environment.
 * Each side trusts only the certificate of the other side. Immutable.
 */
public final class PluginCertificate {

	/**
	 * Go plugins use P-521, which TLS libraries of other languages do not support.
	 */
	private static final String CURVE = "secp256r1";

	/**
	 * Netty prefers BoringSSL, which does not accept P-521.
	 */
	private static final SslProvider PROVIDER = SslProvider.JDK;

	private static final String[] PROTOCOLS = { "TLSv1.3", "TLSv1.2" };

	private final PrivateKey key;

	private final X509Certificate certificate;

	private PluginCertificate(PrivateKey key, X509Certificate certificate) {
		this.key = key;
		this.certificate = certificate;
	}

	/**
	 * Create a key and a certificate.
	 * @return both
	 * @throws PluginException if Bouncy Castle is missing or cannot create a certificate
	 */
	public static PluginCertificate create() {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
			generator.initialize(new ECGenParameterSpec(CURVE));
			KeyPair pair = generator.generateKeyPair();
			return new PluginCertificate(pair.getPrivate(), SelfSignedCertificate.of(pair, Instant.now()));
		}
		catch (LinkageError ex) {
			throw new PluginException("'auto-mtls' needs Bouncy Castle on the class path. Add the dependency "
					+ "'org.bouncycastle:bcpkix-jdk18on', or set 'auto-mtls' to false", ex);
		}
		catch (GeneralSecurityException ex) {
			throw new PluginException("The certificate for 'auto-mtls' cannot be created", ex);
		}
	}

	/**
	 * The certificate for the variable {@code PLUGIN_CLIENT_CERT}.
	 * @return the certificate as PEM, with a line break at its end
	 */
	public String pem() {
		try {
			return "-----BEGIN CERTIFICATE-----\n"
					+ Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(this.certificate.getEncoded())
					+ "\n-----END CERTIFICATE-----\n";
		}
		catch (CertificateEncodingException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * TLS for connections to servers of the plugin.
	 * @param pluginCertificate certificate of the plugin (DER)
	 * @return a context that trusts only that certificate
	 * @throws PluginException if the bytes are no certificate
	 */
	public SslContext client(byte[] pluginCertificate) {
		return build(SslContextBuilder.forClient().keyManager(this.key, this.certificate), pluginCertificate);
	}

	/**
	 * TLS for servers of the application.
	 * @param pluginCertificate certificate of the plugin (DER)
	 * @return a context that accepts only clients with that certificate
	 * @throws PluginException if the bytes are no certificate
	 */
	public SslContext server(byte[] pluginCertificate) {
		return build(SslContextBuilder.forServer(this.key, this.certificate).clientAuth(ClientAuth.REQUIRE),
				pluginCertificate);
	}

	private static SslContext build(SslContextBuilder builder, byte[] pluginCertificate) {
		X509Certificate trusted = parse(pluginCertificate);
		try {
			return GrpcSslContexts.configure(builder, PROVIDER)
				.protocols(PROTOCOLS)
				.trustManager(new PinnedCertificate(trusted))
				.build();
		}
		catch (SSLException ex) {
			throw new PluginException("TLS to the plugin cannot be set up", ex);
		}
	}

	private static X509Certificate parse(byte[] der) {
		try {
			return (X509Certificate) CertificateFactory.getInstance("X.509")
				.generateCertificate(new ByteArrayInputStream(der));
		}
		catch (CertificateException ex) {
			throw new PluginException(
					"The handshake of the plugin contains no valid certificate. Use a version of go-plugin "
							+ "that supports AutoMTLS, or set 'auto-mtls' to false",
					ex);
		}
	}

}
