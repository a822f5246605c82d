package dev.pluggable.benchmarks;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;

/**
 * The host's side of AutoMTLS without the product: the JDK's keytool makes the key and
 * the certificate, and both sides trust only each other's certificate.
 */
final class BareCertificate {

	private static final String PASSWORD = "benchmark";

	private final PrivateKey key;

	private final X509Certificate certificate;

	private BareCertificate(PrivateKey key, X509Certificate certificate) {
		this.key = key;
		this.certificate = certificate;
	}

	/**
	 * Make a key and a certificate.
	 * @param folder folder for the key store, which is deleted again
	 */
	static BareCertificate create(Path folder) throws IOException {
		Path store = folder.resolve("host.p12");
		Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
				"-genkeypair", "-alias", "host", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=localhost",
				"-ext", "san=dns:localhost", "-ext", "bc:c=ca:true", "-ext",
				"ku:c=digitalSignature,keyAgreement,keyCertSign", "-ext", "eku=clientAuth,serverAuth", "-storetype",
				"PKCS12", "-storepass", PASSWORD, "-keystore", store.toString())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.start();
		try {
			if (keytool.waitFor() != 0) {
				throw new IOException("keytool has failed with exit code " + keytool.exitValue());
			}
			KeyStore keys = KeyStore.getInstance("PKCS12");
			try (InputStream content = Files.newInputStream(store)) {
				keys.load(content, PASSWORD.toCharArray());
			}
			return new BareCertificate((PrivateKey) keys.getKey("host", PASSWORD.toCharArray()),
					(X509Certificate) keys.getCertificate("host"));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException(ex);
		}
		catch (GeneralSecurityException ex) {
			throw new IOException(ex);
		}
		finally {
			Files.deleteIfExists(store);
		}
	}

	/**
	 * The certificate as the plugin expects it in its environment.
	 */
	String pem() throws IOException {
		try {
			return "-----BEGIN CERTIFICATE-----\n"
					+ Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(this.certificate.getEncoded())
					+ "\n-----END CERTIFICATE-----\n";
		}
		catch (GeneralSecurityException ex) {
			throw new IOException(ex);
		}
	}

	SslContext client(byte[] plugin) throws IOException {
		return build(SslContextBuilder.forClient().keyManager(this.key, this.certificate), plugin);
	}

	SslContext server(byte[] plugin) throws IOException {
		return build(SslContextBuilder.forServer(this.key, this.certificate).clientAuth(ClientAuth.REQUIRE), plugin);
	}

	private static SslContext build(SslContextBuilder builder, byte[] plugin) throws IOException {
		try {
			return GrpcSslContexts.configure(builder, SslProvider.JDK)
				.protocols("TLSv1.3", "TLSv1.2")
				.trustManager((X509Certificate) CertificateFactory.getInstance("X.509")
					.generateCertificate(new ByteArrayInputStream(plugin)))
				.build();
		}
		catch (GeneralSecurityException ex) {
			throw new IOException(ex);
		}
	}

}
