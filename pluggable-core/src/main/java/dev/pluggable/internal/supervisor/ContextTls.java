package dev.pluggable.internal.supervisor;

import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;

/**
 * TLS of gRPC with the keys and trusted certificates of the JDK's contexts.
 */
final class ContextTls {

	private static final ApplicationProtocolConfig HTTP2 = new ApplicationProtocolConfig(
			ApplicationProtocolConfig.Protocol.ALPN, ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
			ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, "h2");

	private ContextTls() {
	}

	/**
	 * TLS for connections to a plugin.
	 * @param serverName name that the certificate of the plugin must have
	 */
	static SslContext client(SSLContext context, String serverName) {
		return new NamedServer(context(context, true), serverName);
	}

	/**
	 * TLS for servers that a plugin dials. The folder of their sockets is private, so the
	 * plugin needs no certificate.
	 */
	static SslContext server(SSLContext context) {
		return context(context, false);
	}

	private static SslContext context(SSLContext context, boolean client) {
		return new JdkSslContext(context, client, null, IdentityCipherSuiteFilter.INSTANCE, HTTP2, ClientAuth.NONE,
				new String[] { "TLSv1.3", "TLSv1.2" }, false);
	}

	/**
	 * Expects one name in all certificates, whatever the address is.
	 */
	private static final class NamedServer extends SslContext {

		private final SslContext delegate;

		private final String serverName;

		NamedServer(SslContext delegate, String serverName) {
			this.delegate = delegate;
			this.serverName = serverName;
		}

		@Override
		public boolean isClient() {
			return this.delegate.isClient();
		}

		@Override
		public List<String> cipherSuites() {
			return this.delegate.cipherSuites();
		}

		@Override
		@SuppressWarnings("deprecation")
		public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
			return this.delegate.applicationProtocolNegotiator();
		}

		@Override
		public SSLEngine newEngine(ByteBufAllocator alloc) {
			return this.delegate.newEngine(alloc, this.serverName, -1);
		}

		@Override
		public SSLEngine newEngine(ByteBufAllocator alloc, String peerHost, int peerPort) {
			return this.delegate.newEngine(alloc, this.serverName, peerPort);
		}

		@Override
		public SSLSessionContext sessionContext() {
			return this.delegate.sessionContext();
		}

	}

}
