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
 * Who the application is to one process of a plugin under AutoMTLS: a key that never
 * leaves the application, and a certificate that the process gets in its environment.
 * Each side trusts the one certificate of the other and no more. Immutable.
 */
public final class PluginCertificate {

	/**
	 * Not P-521, which the certificates of Go plugins have: TLS libraries of other
	 * languages do without it.
	 */
	private static final String CURVE = "secp256r1";

	/**
	 * BoringSSL, which Netty would prefer where it is there, does not accept P-521.
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
	 * Make a key and a certificate.
	 * @return both
	 * @throws PluginException if the library that makes certificates is not there, or
	 * cannot make one
	 */
	public static PluginCertificate create() {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
			generator.initialize(new ECGenParameterSpec(CURVE));
			KeyPair pair = generator.generateKeyPair();
			return new PluginCertificate(pair.getPrivate(), SelfSignedCertificate.of(pair, Instant.now()));
		}
		catch (LinkageError ex) {
			throw new PluginException("'auto-mtls' needs Bouncy Castle, which is not on the class path: add the "
					+ "dependency 'org.bouncycastle:bcpkix-jdk18on', or set 'auto-mtls' to false", ex);
		}
		catch (GeneralSecurityException ex) {
			throw new PluginException("The certificate that 'auto-mtls' needs cannot be made", ex);
		}
	}

	/**
	 * What the process gets in {@code PLUGIN_CLIENT_CERT}.
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
	 * For connections to what the plugin serves.
	 * @param pluginCertificate the certificate that the plugin gave, DER
	 * @return trusts that certificate only
	 * @throws PluginException if it is not a certificate
	 */
	public SslContext client(byte[] pluginCertificate) {
		return build(SslContextBuilder.forClient().keyManager(this.key, this.certificate), pluginCertificate);
	}

	/**
	 * For what the application serves to the plugin.
	 * @param pluginCertificate the certificate that the plugin gave, DER
	 * @return accepts clients with that certificate only
	 * @throws PluginException if it is not a certificate
	 */
	public SslContext server(byte[] pluginCertificate) {
		return build(SslContextBuilder.forServer(this.key, this.certificate).clientAuth(ClientAuth.REQUIRE),
				pluginCertificate);
	}

	private static SslContext build(SslContextBuilder builder, byte[] pluginCertificate) {
		X509Certificate trusted = parse(pluginCertificate);
		try {
			return GrpcSslContexts.configure(builder, PROVIDER).protocols(PROTOCOLS).trustManager(trusted).build();
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
					"What the plugin's handshake line has as the certificate of the plugin is none: "
							+ "see that the plugin's go-plugin library supports AutoMTLS, or set 'auto-mtls' to false",
					ex);
		}
	}

}
