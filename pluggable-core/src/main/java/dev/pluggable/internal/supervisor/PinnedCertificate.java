package dev.pluggable.internal.supervisor;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

import org.jspecify.annotations.Nullable;

/**
 * Trusts one certificate alone. A certificate that the trusted one has signed is not
 * trusted. The name and the period of validity in the certificate do not matter: the
 * certificate was made for one process, and the clock can be set while the process runs.
 * Safe for use by many threads.
 */
final class PinnedCertificate extends X509ExtendedTrustManager {

	private final X509Certificate pinned;

	PinnedCertificate(X509Certificate pinned) {
		this.pinned = pinned;
	}

	private void check(X509Certificate[] chain) throws CertificateException {
		if (chain.length == 0 || !chain[0].equals(this.pinned)) {
			throw new CertificateException("the other side has another certificate than the announced one");
		}
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
		check(chain);
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
			throws CertificateException {
		check(chain);
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
			throws CertificateException {
		check(chain);
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
		check(chain);
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
			throws CertificateException {
		check(chain);
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
			throws CertificateException {
		check(chain);
	}

	@Override
	public X509Certificate[] getAcceptedIssuers() {
		return new X509Certificate[] { this.pinned };
	}

}
