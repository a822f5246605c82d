package dev.pluggable.internal.supervisor;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PinnedCertificate}.
 */
class PinnedCertificateTests {

	private final KeyPair pair = pair();

	@Test
	void whenItIsTheAnnouncedCertificateThenTrusted() throws Exception {
		X509Certificate announced = SelfSignedCertificate.of(this.pair, Instant.now());
		PinnedCertificate trust = new PinnedCertificate(announced);
		assertThatCode(() -> trust.checkServerTrusted(chain(announced), "EC")).doesNotThrowAnyException();
		assertThatCode(() -> trust.checkClientTrusted(chain(announced), "EC")).doesNotThrowAnyException();
		assertThat(trust.getAcceptedIssuers()).containsExactly(announced);
	}

	@ParameterizedTest
	@ValueSource(longs = { -40 * 365, 40 * 365 })
	void whenTheClockIsSetThenTheAnnouncedCertificateIsStillTrusted(long days) throws Exception {
		X509Certificate announced = SelfSignedCertificate.of(this.pair, Instant.now().plus(Duration.ofDays(days)));
		PinnedCertificate trust = new PinnedCertificate(announced);
		assertThatCode(() -> trust.checkServerTrusted(chain(announced), "EC")).doesNotThrowAnyException();
		assertThatCode(() -> trust.checkClientTrusted(chain(announced), "EC")).doesNotThrowAnyException();
	}

	@Test
	void whenTheAnnouncedCertificateHasSignedAnotherThenTheOtherIsNotTrusted() throws Exception {
		X509Certificate announced = SelfSignedCertificate.of(this.pair, Instant.now());
		X500Name name = new X500Name("CN=leaf");
		X509Certificate leaf = new JcaX509CertificateConverter()
			.getCertificate(new JcaX509v3CertificateBuilder(new X500Name("O=Pluggable,CN=localhost"), BigInteger.ONE,
					Date.from(Instant.now().minusSeconds(60)), Date.from(Instant.now().plusSeconds(3600)), name,
					pair().getPublic())
				.build(new JcaContentSignerBuilder("SHA256withECDSA").build(this.pair.getPrivate())));
		leaf.verify(announced.getPublicKey());
		PinnedCertificate trust = new PinnedCertificate(announced);
		for (X509Certificate[] chain : new X509Certificate[][] { { leaf, announced }, { leaf }, {} }) {
			assertThatExceptionOfType(CertificateException.class)
				.isThrownBy(() -> trust.checkServerTrusted(chain, "EC"))
				.withMessageContaining("another certificate than the announced one");
			assertThatExceptionOfType(CertificateException.class)
				.isThrownBy(() -> trust.checkClientTrusted(chain, "EC"));
		}
	}

	private static X509Certificate[] chain(X509Certificate certificate) {
		return new X509Certificate[] { certificate };
	}

	private static KeyPair pair() {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
			generator.initialize(new ECGenParameterSpec("secp256r1"));
			return generator.generateKeyPair();
		}
		catch (java.security.GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
