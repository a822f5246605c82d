package dev.pluggable.plugin;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Map;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The plugin's side of AutoMTLS as a plugin in Go does it: P-521, valid for 30 years,
 * trusting the certificate in the environment only.
 */
final class PluginSideCertificate {

	static final String VARIABLE = "PLUGIN_CLIENT_CERT";

	private final PrivateKey key;

	private final X509Certificate certificate;

	private final X509Certificate host;

	private PluginSideCertificate(PrivateKey key, X509Certificate certificate, X509Certificate host) {
		this.key = key;
		this.certificate = certificate;
		this.host = host;
	}

	/**
	 * Answer what the host put into the environment.
	 * @return {@code null} if the host does not want certificates
	 */
	static @Nullable PluginSideCertificate from(Map<String, String> environment) throws Exception {
		String pem = environment.get(VARIABLE);
		return (pem != null) ? trusting(pem) : null;
	}

	static PluginSideCertificate trusting(String pem) throws Exception {
		X509Certificate host = (X509Certificate) CertificateFactory.getInstance("X.509")
			.generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
		KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
		generator.initialize(new ECGenParameterSpec("secp521r1"));
		KeyPair pair = generator.generateKeyPair();
		X500Name name = new X500Name("O=HashiCorp,CN=localhost");
		Instant now = Instant.now();
		X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(name,
				new BigInteger(128, new SecureRandom()), Date.from(now.minusSeconds(30)),
				Date.from(now.plus(Duration.ofHours(262980))), name, pair.getPublic())
			.addExtension(Extension.keyUsage, true,
					new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyAgreement
							| KeyUsage.keyCertSign))
			.addExtension(Extension.extendedKeyUsage, false,
					new ExtendedKeyUsage(
							new KeyPurposeId[] { KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth }))
			.addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
			.addExtension(Extension.subjectAlternativeName, false,
					new GeneralNames(new GeneralName(GeneralName.dNSName, "localhost")));
		X509Certificate certificate = new JcaX509CertificateConverter()
			.getCertificate(builder.build(new JcaContentSignerBuilder("SHA512withECDSA").build(pair.getPrivate())));
		return new PluginSideCertificate(pair.getPrivate(), certificate, host);
	}

	/**
	 * The certificate as the handshake line has it.
	 */
	String handshakeField() throws Exception {
		return Base64.getEncoder().withoutPadding().encodeToString(der());
	}

	byte[] der() throws Exception {
		return this.certificate.getEncoded();
	}

	/**
	 * For the plugin's main server and for those of its broker.
	 */
	SslContext server() throws Exception {
		return GrpcSslContexts
			.configure(SslContextBuilder.forServer(this.key, this.certificate).clientAuth(ClientAuth.REQUIRE),
					SslProvider.JDK)
			.trustManager(this.host)
			.build();
	}

	/**
	 * For what the plugin dials through its broker.
	 */
	SslContext client() throws Exception {
		return GrpcSslContexts
			.configure(SslContextBuilder.forClient().keyManager(this.key, this.certificate), SslProvider.JDK)
			.trustManager(this.host)
			.build();
	}

}
