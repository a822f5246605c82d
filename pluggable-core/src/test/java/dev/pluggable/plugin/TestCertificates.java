package dev.pluggable.plugin;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;

/**
 * A key and a certificate for it, made by the JDK's own tool.
 *
 * @param key the key
 * @param certificate the certificate
 */
record TestCertificates(PrivateKey key, X509Certificate certificate) {

	private static final String PASSWORD = "changeit";

	static TestCertificates create(Path file) throws Exception {
		Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
		Process process = new ProcessBuilder(tool.toString(), "-genkeypair", "-alias", "it", "-keyalg", "EC",
				"-groupname", "secp256r1", "-dname", "CN=localhost", "-ext", "san=dns:localhost", "-ext",
				"eku=clientAuth,serverAuth", "-validity", "2", "-storetype", "PKCS12", "-storepass", PASSWORD,
				"-keystore", file.toString())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.start();
		if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
			process.destroyForcibly();
			throw new IllegalStateException("No certificate was made");
		}
		KeyStore store = KeyStore.getInstance("PKCS12");
		try (InputStream stream = Files.newInputStream(file)) {
			store.load(stream, PASSWORD.toCharArray());
		}
		return new TestCertificates((PrivateKey) store.getKey("it", PASSWORD.toCharArray()),
				(X509Certificate) store.getCertificate("it"));
	}

	SslContext client(TestCertificates other) throws Exception {
		return GrpcSslContexts.configure(
				SslContextBuilder.forClient().keyManager(this.key, this.certificate).trustManager(other.certificate),
				SslProvider.JDK)
			.build();
	}

	SslContext server(TestCertificates other) throws Exception {
		return GrpcSslContexts
			.configure(SslContextBuilder.forServer(this.key, this.certificate)
				.trustManager(other.certificate)
				.clientAuth(ClientAuth.REQUIRE), SslProvider.JDK)
			.build();
	}

}
