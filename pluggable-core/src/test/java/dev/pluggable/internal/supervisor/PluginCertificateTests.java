package dev.pluggable.internal.supervisor;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.StandardProtocolFamily;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import javax.net.ssl.SSLSession;
import dev.pluggable.fixtures.Connections;

import dev.pluggable.fixtures.PluginSideCertificate;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.transport.TransportType;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PluginCertificate} against {@link PluginSideCertificate}.
 */
class PluginCertificateTests {

	private static final byte ALERT = 21;

	private static final byte HANDSHAKE = 22;

	private static final byte PROTOCOL_VERSION = 70;

	@TempDir
	Path folder;

	private final List<ManagedChannel> channels = new ArrayList<>();

	private final List<Server> servers = new ArrayList<>();

	private final AtomicReference<@Nullable SSLSession> session = new AtomicReference<>();

	private Transport transport;

	private final PluginCertificate host = PluginCertificate.create();

	private PluginSideCertificate plugin;

	@BeforeEach
	void open() throws Exception {
		this.transport = Transport.create(TransportType.AUTO);
		this.plugin = PluginSideCertificate.trusting(this.host.pem());
	}

	@AfterEach
	void close() throws Exception {
		for (ManagedChannel channel : this.channels) {
			assertThat(channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		}
		for (Server server : this.servers) {
			assertThat(server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		}
		this.transport.close();
	}

	@Test
	void whenMadeThenTheCertificateIsWhatGoPluginsAccept() throws Exception {
		X509Certificate certificate = certificate(this.host.pem());
		assertThat(((ECPublicKey) certificate.getPublicKey()).getParams().getCurve().getField().getFieldSize())
			.isEqualTo(256);
		certificate.verify(certificate.getPublicKey());
		assertThat(certificate.getSubjectX500Principal()).isEqualTo(certificate.getIssuerX500Principal());
		assertThat(certificate.getSubjectAlternativeNames()).singleElement().isEqualTo(List.of(2, "localhost"));
		assertThat(certificate.getExtendedKeyUsage()).containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1",
				"1.3.6.1.5.5.7.3.2");
		assertThat(certificate.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
		assertThat(certificate.getKeyUsage()).startsWith(true, false, false, false, true, true, false);
		assertThat(certificate.getBasicConstraints()).isNotNegative();
		Instant now = Instant.now();
		assertThat(Duration.between(certificate.getNotBefore().toInstant(), now))
			.as("the plugin compares the time with its clock, which can be set back")
			.isGreaterThan(Duration.ofDays(3650));
		assertThat(Duration.between(now, certificate.getNotAfter().toInstant())).isGreaterThan(Duration.ofDays(3650));
		assertThat(certificate.getSerialNumber()).isPositive();
		assertThat(certificate.getSerialNumber().bitLength()).isLessThanOrEqualTo(128);
	}

	@Test
	void whenMadeThenThePemIsOneThatEveryoneReads() {
		assertThat(this.host.pem()).matches("-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/]{64}\n)+[A-Za-z0-9+/=]{1,64}\n"
				+ "-----END CERTIFICATE-----\n");
	}

	@Test
	void whenMadeTwiceThenNothingIsShared() throws Exception {
		X509Certificate first = certificate(this.host.pem());
		X509Certificate second = certificate(PluginCertificate.create().pem());
		assertThat(first.getPublicKey()).isNotEqualTo(second.getPublicKey());
		assertThat(first.getSerialNumber()).isNotEqualTo(second.getSerialNumber());
	}

	@Test
	void whenShownThenThereIsNoKey() {
		assertThat(this.host.toString()).doesNotContain("PRIVATE", "secp", "EC");
	}

	@Test
	void whenTheHandshakeHasThePluginsCertificateThenItIsThatOfAGoPlugin() throws Exception {
		PluginSideCertificate side = PluginSideCertificate
			.from(Map.of(PluginSideCertificate.VARIABLE, this.host.pem()));
		assertThat(side).isNotNull();
		assertThat(side.handshakeField()).hasSizeGreaterThan(700).doesNotEndWith("=");
		assertThat(Base64.getDecoder().decode(side.handshakeField())).isEqualTo(side.der());
		assertThat(PluginSideCertificate.from(Map.of())).isNull();
	}

	@ParameterizedTest
	@EnumSource(value = TransportType.class, names = { "AUTO", "NIO" })
	void whenBothSidesHaveTheCertificateOfTheOtherThenCallsGoBothWays(TransportType type) throws Exception {
		this.transport.close();
		this.transport = Transport.create(type);
		Path main = serve("main", this.plugin.server());
		check(main, this.host.client(this.plugin.der()));
		SSLSession toPlugin = this.session.getAndSet(null);
		assertThat(toPlugin.getProtocol()).isEqualTo("TLSv1.3");
		assertThat(toPlugin.getPeerCertificates()).containsExactly(certificate(this.host.pem()));
		Path brokered = serve("brokered", this.host.server(this.plugin.der()));
		check(brokered, this.plugin.client());
		assertThat(this.session.get().getPeerCertificates()[0].getEncoded()).isEqualTo(this.plugin.der());
	}

	@Test
	void whenTheHostHasAnotherCertificateThenThePluginRefuses() throws Exception {
		Path main = serve("main", this.plugin.server());
		refused(main, PluginCertificate.create().client(this.plugin.der()));
	}

	@Test
	void whenAnotherServerIsInThePlaceOfThePluginThenTheHostRefuses() throws Exception {
		PluginSideCertificate other = PluginSideCertificate.trusting(this.host.pem());
		Path main = serve("main", other.server());
		refused(main, this.host.client(this.plugin.der()));
	}

	@Test
	void whenAnotherClientDialsTheHostThenTheHostRefuses() throws Exception {
		PluginSideCertificate other = PluginSideCertificate.trusting(this.host.pem());
		Path brokered = serve("brokered", this.host.server(this.plugin.der()));
		refused(brokered, other.client());
	}

	@Test
	void whenAnotherServerIsInThePlaceOfTheHostThenThePluginRefuses() throws Exception {
		Path brokered = serve("brokered", PluginCertificate.create().server(this.plugin.der()));
		refused(brokered, this.plugin.client());
	}

	@Test
	void whenAClientHasNoCertificateThenTheHostRefuses() throws Exception {
		Path brokered = serve("brokered", this.host.server(this.plugin.der()));
		refused(brokered,
				GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
					.trustManager(certificate(this.host.pem()))
					.build());
	}

	@Test
	void whenAClientSpeaksPlainTextThenTheHostRefuses() throws Exception {
		Path brokered = serve("brokered", this.host.server(this.plugin.der()));
		refused(brokered, null);
	}

	@Test
	void whenThePluginSpeaksPlainTextThenTheHostRefuses() throws Exception {
		Path main = serve("main", null);
		refused(main, this.host.client(this.plugin.der()));
	}

	@ParameterizedTest
	@CsvSource({ "1, false", "2, false", "3, true" })
	void whenAClientOffersATlsVersionThenFrom12OnItIsAccepted(int minor, boolean accepted) throws Exception {
		Path brokered = serve("brokered", this.host.server(this.plugin.der()));
		byte[] answer = hello(brokered, minor);
		if (accepted) {
			assertThat(answer[0]).isEqualTo(HANDSHAKE);
		}
		else {
			assertThat(answer[0]).isEqualTo(ALERT);
			assertThat(answer[6]).isEqualTo(PROTOCOL_VERSION);
		}
	}

	@Test
	void whenUsedThenItIsTheTlsOfTheJdk() throws Exception {
		for (SslContext context : List.of(this.host.client(this.plugin.der()), this.host.server(this.plugin.der()))) {
			assertThat(context).isInstanceOf(JdkSslContext.class);
			assertThat(context.newEngine(ByteBufAllocator.DEFAULT).getEnabledProtocols())
				.containsExactlyInAnyOrder("TLSv1.3", "TLSv1.2");
			assertThat(context.applicationProtocolNegotiator().protocols()).containsExactly("h2");
		}
		assertThat(this.host.server(this.plugin.der()).newEngine(ByteBufAllocator.DEFAULT).getNeedClientAuth())
			.isTrue();
	}

	@Test
	void whenThePluginsCertificateIsNoneThenTheMessageSaysWhatToDo() {
		for (byte[] der : List.of(new byte[0], "junk of an old plugin".getBytes(StandardCharsets.UTF_8))) {
			assertThatExceptionOfType(PluginException.class).isThrownBy(() -> this.host.client(der))
				.withMessageContaining("handshake of the plugin")
				.withMessageContaining("'auto-mtls'");
			assertThatExceptionOfType(PluginException.class).isThrownBy(() -> this.host.server(der));
		}
	}

	@Test
	void whenThereIsNoBouncyCastleThenTheMessageNamesTheDependency() throws Exception {
		try (WithoutBouncyCastle loader = new WithoutBouncyCastle()) {
			Class<?> type = loader.loadClass(PluginCertificate.class.getName());
			assertThat(type).isNotSameAs(PluginCertificate.class);
			Method create = type.getDeclaredMethod("create");
			create.setAccessible(true);
			assertThatExceptionOfType(InvocationTargetException.class).isThrownBy(() -> create.invoke(null))
				.satisfies((ex) -> {
					assertThat(ex.getCause().getClass().getName()).isEqualTo(PluginException.class.getName());
					assertThat(ex.getCause()).hasMessageContaining("'org.bouncycastle:bcpkix-jdk18on'");
				});
		}
	}

	private Path serve(String name, @Nullable SslContext tls) throws IOException {
		Path socket = this.folder.resolve(name);
		NettyServerBuilder builder = this.transport.server(socket)
			.intercept(new SessionCapture())
			.addService(new HealthStatusManager().getHealthService());
		if (tls != null) {
			builder.sslContext(tls);
		}
		this.servers.add(builder.build().start());
		return socket;
	}

	private void check(Path socket, @Nullable SslContext tls) {
		ManagedChannel channel = Connections.to(socket, this.transport, tls);
		this.channels.add(channel);
		ClientCalls.blockingUnaryCall(channel, HealthGrpc.getCheckMethod(),
				CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), HealthCheckRequest.getDefaultInstance());
	}

	private void refused(Path socket, @Nullable SslContext tls) {
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> check(socket, tls))
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
		assertThat(this.session.get()).as("calls that arrived").isNull();
	}

	private static X509Certificate certificate(String pem) throws Exception {
		return (X509Certificate) CertificateFactory.getInstance("X.509")
			.generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
	}

	/**
	 * Send a hello of a TLS version that the JDK itself may not support.
	 * @return the first record of the answer
	 */
	private static byte[] hello(Path socket, int minor) throws IOException {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		DataOutputStream out = new DataOutputStream(body);
		out.write(new byte[] { 3, (byte) minor });
		out.write(new byte[32]);
		out.writeByte(0);
		// The cipher suites are ECDHE_ECDSA with AES, for TLS 1.2 and for older
		// versions.
		out.writeShort(4);
		out.writeShort(0xC02B);
		out.writeShort(0xC009);
		out.write(new byte[] { 1, 0 });
		byte[] extensions = { 0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3, 0, 16, 0, 5, 0, 3,
				2, 'h', '2' };
		out.writeShort(extensions.length);
		out.write(extensions);
		ByteBuffer record = ByteBuffer.allocate(9 + body.size());
		record.put(HANDSHAKE).put((byte) 3).put((byte) 1).putShort((short) (body.size() + 4));
		record.putInt((1 << 24) | body.size()).put(body.toByteArray()).flip();
		try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			channel.connect(UnixDomainSocketAddress.of(socket));
			channel.write(record);
			ByteBuffer answer = ByteBuffer.allocate(7);
			while (answer.hasRemaining() && channel.read(answer) >= 0) {
				continue;
			}
			return answer.array();
		}
	}

	/**
	 * Records the TLS sessions of the callers.
	 */
	private final class SessionCapture implements ServerInterceptor {

		@Override
		public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
				ServerCallHandler<Q, R> next) {
			PluginCertificateTests.this.session.set(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
			return next.startCall(call, headers);
		}

	}

	/**
	 * Loads classes as if the optional dependency were missing.
	 */
	private static final class WithoutBouncyCastle extends URLClassLoader {

		WithoutBouncyCastle() {
			super(new URL[] { PluginCertificate.class.getProtectionDomain().getCodeSource().getLocation() },
					PluginCertificate.class.getClassLoader());
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (name.startsWith("org.bouncycastle.")) {
				throw new ClassNotFoundException(name);
			}
			if (name.startsWith("dev.pluggable.plugin.") || name.startsWith("dev.pluggable.internal.supervisor.")) {
				Class<?> loaded = findLoadedClass(name);
				return (loaded != null) ? loaded : findClass(name);
			}
			return super.loadClass(name, resolve);
		}

	}

}
