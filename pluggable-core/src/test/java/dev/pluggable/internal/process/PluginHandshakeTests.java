package dev.pluggable.internal.process;

import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.plugin.EnvironmentSettings;
import dev.pluggable.plugin.HandshakeSettings;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PluginHandshake}.
 */
class PluginHandshakeTests {

	private static final byte[] CERTIFICATE = new byte[596];

	private final PluginSettings settings = PluginSettings.of("orders", List.of("./orders", "--password=hush"))
		.withHandshake(new HandshakeSettings("KEY", "value", Set.of(0, 3)));

	private final PluginSettings mtls = this.settings.withAutoMtls(true);

	@Test
	void whenLineOfGoThenAddressAndVersion() {
		PluginHandshake handshake = parse(this.settings, "1|3|unix|/tmp/plugin123|grpc|\r");
		assertThat(handshake.protocolVersion()).isEqualTo(3);
		assertThat(handshake.address()).isEqualTo(UnixDomainSocketAddress.of("/tmp/plugin123"));
		assertThat(handshake.certificate()).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "1|0|unix|/s|grpc", "  1|0|unix|/s|grpc  ", "1|0|unix|/s|grpc|", "1|0|unix|/s|grpc|x",
			"1|0|unix|/s|grpc||true", "1|0|unix|/s|grpc||nonsense|and|more" })
	void whenLastFieldsAreLessOrMoreThenIgnored(String line) {
		PluginHandshake handshake = parse(this.settings, line);
		assertThat(handshake.protocolVersion()).isZero();
		assertThat(handshake.certificate()).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "hello", "1|3|unix", "Usage: orders [options]" })
	void whenLessThanFourFieldsThenNoHandshake(String line) {
		assertFails(this.settings, line, "must print nothing before its handshake", "'protocol' to 'socket'");
	}

	@ParameterizedTest
	@CsvSource(delimiter = ';', value = { "x|3|unix|/s|grpc|; instead of the version of go-plugin's own protocol",
			"|3|unix|/s|grpc|; instead of the version of go-plugin's own protocol",
			"99999999999|3|unix|/s|grpc|; instead of the version of go-plugin's own protocol",
			"2|3|unix|/s|grpc|; version 2 of go-plugin's own protocol",
			"1|x|unix|/s|grpc|; instead of the version of the application's protocol",
			"1|7|unix|/s|grpc|; speaks version 7 of the application's protocol, and the application speaks [0, 3]",
			"1|-1|unix|/s|grpc|; speaks version -1", "1|3|pipe|/s|grpc|; the network 'pipe' is neither",
			"1|3||/s|grpc|; the network '' is neither", "1|3|unix||grpc|; is not absolute",
			"1|3|unix|plugin1|grpc|; is not absolute", "1|3|unix|/s; Go's net/rpc (it names no protocol)",
			"1|3|unix|/s|netrpc|; speaks Go's net/rpc,", "1|3|unix|/s|http|; unknown protocol 'http'" })
	void whenFieldIsWrongThenItIsNamed(String line, String expected) {
		assertFails(this.settings, line, expected);
	}

	@ParameterizedTest
	@CsvSource(delimiter = ';', value = { "2|x|pipe|/s|http|; own protocol", "1|7|pipe|/s|http|; version 7",
			"1|3|pipe|/s|http|; the network", "1|3|unix|s|http|; not absolute", "1|3|unix|/s|http|; 'http'" })
	void whenSeveralFieldsAreWrongThenTheFirstInOrderIsNamed(String line, String expected) {
		assertFails(this.mtls, line, expected);
	}

	@Test
	void whenSocketPathIsTooLongThenRefused() {
		String path = "/" + "x".repeat(106);
		assertThat(parse(this.settings, "1|3|unix|" + path + "|grpc|").address())
			.isEqualTo(UnixDomainSocketAddress.of(path));
		assertFails(this.settings, "1|3|unix|" + path + "x|grpc|", "has 108 bytes, and the system allows 107");
		assertFails(this.settings, "1|3|unix|/a\0b|grpc|", "is not a path");
	}

	@ParameterizedTest
	@CsvSource({ "127.0.0.1:1234", "127.1.2.3:1234", "localhost:1234", ":1234", "[::1]:1234" })
	void whenTcpOnThisMachineThenAddress(String address) {
		InetSocketAddress parsed = (InetSocketAddress) parse(this.settings, "1|3|tcp|" + address + "|grpc|").address();
		assertThat(parsed.getAddress().isLoopbackAddress()).isTrue();
		assertThat(parsed.getPort()).isEqualTo(1234);
	}

	@ParameterizedTest
	@CsvSource({ "10.1.2.3:1234,is not a loopback address", "0.0.0.0:1234,is not a loopback address",
			"[::]:1234,is not a loopback address", "[2001:db8::1]:1234,is not a loopback address",
			"example.com:1234,is not an IP address", "127.0.0.1,is not a host and a port",
			"127.0.0.1:0,is not a host and a port", "127.0.0.1:65536,is not a host and a port",
			"1234,is not a host and a port", "999.0.0.1:1,is not an IP address", "[1.2]:3,is not an IP address" })
	void whenTcpElsewhereOrUnreadableThenRefused(String address, String expected) {
		assertFails(this.settings, "1|3|tcp|" + address + "|grpc|", expected);
	}

	@Test
	void whenMtlsThenCertificateWithPaddingOrWithout() {
		Arrays.fill(CERTIFICATE, (byte) -2);
		for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getEncoder().withoutPadding())) {
			String line = "1|3|unix|/s|grpc|" + encoder.encodeToString(CERTIFICATE);
			assertThat(parse(this.mtls, line).certificate()).isEqualTo(CERTIFICATE);
			assertThat(parse(this.settings, line).certificate()).isNull();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "1|3|unix|/s|grpc", "1|3|unix|/s|grpc|",
			"1|3|unix|/s|grpc|AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" })
	void whenMtlsAndNoCertificateThenRefused(String line) {
		assertFails(this.mtls, line, "has sent no certificate, although 'auto-mtls' is true");
	}

	@Test
	void whenMtlsAndCertificateIsUnreadableThenRefused() {
		assertFails(this.mtls, "1|3|unix|/s|grpc|" + "AA-_".repeat(50), "is not Base64");
	}

	@Test
	void whenLineHoldsSecretOrIsLongThenNotShownWhole() {
		PluginSettings secret = this.settings
			.withEnvironment(new EnvironmentSettings(Set.of(), Map.of("DB_PASSWORD", "tiger")));
		assertFails(secret, "connected as scott with tiger\0" + "y".repeat(500), "scott with ******?yyy", "...");
	}

	private static PluginHandshake parse(PluginSettings settings, String line) {
		return PluginHandshake.parse(settings, new SecretMask(settings.environment().variables()), line);
	}

	private static void assertFails(PluginSettings settings, String line, String... expected) {
		assertThatExceptionOfType(PluginException.class).isThrownBy(() -> parse(settings, line))
			.satisfies((ex) -> assertThat(ex.getMessage()).startsWith("Plugin 'orders' ('./orders') ")
				.contains(expected)
				.doesNotContain("hush", "tiger", "y".repeat(100)));
	}

}
