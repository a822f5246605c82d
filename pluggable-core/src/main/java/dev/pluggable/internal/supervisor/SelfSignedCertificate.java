package dev.pluggable.internal.supervisor;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Creates certificates. Only this class uses Bouncy Castle, so all other classes work
 * without it.
 */
final class SelfSignedCertificate {

	/**
	 * A running process cannot get another certificate, so the certificate stays valid
	 * however long the process runs and however somebody sets the clock. The key is lost
	 * with the process.
	 */
	private static final Duration VALIDITY = Duration.ofDays(30 * 365);

	private static final int SERIAL_BITS = 128;

	private SelfSignedCertificate() {
	}

	/**
	 * Create a certificate for both sides of a connection between processes of one
	 * machine. The certificate may sign: OpenSSL accepts as issuers only certificates
	 * that may sign, and this certificate is its own issuer.
	 */
	static X509Certificate of(KeyPair pair, Instant now) throws GeneralSecurityException {
		X500Name name = new X500Name("O=Pluggable,CN=localhost");
		X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(name,
				new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(0), Date.from(now.minus(VALIDITY)),
				Date.from(now.plus(VALIDITY)), name, pair.getPublic());
		try {
			builder
				.addExtension(Extension.subjectAlternativeName, false,
						new GeneralNames(new GeneralName(GeneralName.dNSName, "localhost")))
				.addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
				.addExtension(Extension.keyUsage, true,
						new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyAgreement | KeyUsage.keyCertSign))
				.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(
						new KeyPurposeId[] { KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth }));
			return new JcaX509CertificateConverter()
				.getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
		}
		catch (CertIOException | OperatorCreationException ex) {
			throw new GeneralSecurityException(ex);
		}
	}

}
