package dev.pluggable.internal.process;

import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link PluginAddress}.
 */
class PluginAddressTests {

	@Test
	void whenItIsAPathThenItIsThatOfASocket() {
		assertThat(PluginAddress.parse("unix", "/tmp/plugin1"))
			.isEqualTo(UnixDomainSocketAddress.of(Path.of("/tmp/plugin1")));
	}

	@ParameterizedTest
	@CsvSource({ "127.0.0.1:1234", "localhost:1234", ":1234", "[::1]:1234", "::1:1234", "127.1.2.3:1234" })
	void whenThePortIsOnThisMachineThenItIsTaken(String address) {
		assertThat(PluginAddress.parse("tcp", address)).isInstanceOfSatisfying(InetSocketAddress.class, (parsed) -> {
			assertThat(parsed.getPort()).isEqualTo(1234);
			assertThat(parsed.getAddress().isLoopbackAddress()).isTrue();
		});
	}

	@ParameterizedTest
	@CsvSource({ "tcp, 10.0.0.1:80, not a loopback address", "tcp, 0.0.0.0:80, not a loopback address",
			"tcp, example.org:80, not an IP address", "tcp, 127.0.0.1, not a host and a port",
			"tcp, 127.0.0.1:0, not a host and a port", "tcp, 127.0.0.1:65536, not a host and a port",
			"tcp, 1.2.3.4.5:80, not an IP address", "unix, plugin1, not absolute", "udp, 127.0.0.1:80, neither",
			"'', /tmp/x, neither" })
	void whenItCannotBeUsedThenItIsSaidWhy(String network, String address, String reason) {
		assertThatIllegalArgumentException().isThrownBy(() -> PluginAddress.parse(network, address))
			.withMessageContaining(reason);
	}

	@Test
	void whenThePathIsTooLongThenItIsSaidHowLongItIs() {
		assertThatIllegalArgumentException().isThrownBy(() -> PluginAddress.parse("unix", "/" + "x".repeat(107)))
			.withMessageContaining("has 108 bytes");
	}

	@Test
	void whenTheAddressIsJunkThenItIsShownWithoutControlCharacters() {
		assertThatIllegalArgumentException().isThrownBy(() -> PluginAddress.parse("unix", "a\u001b\n\0b"))
			.withMessageNotContaining("\n")
			.withMessageNotContaining("\u001b");
	}

}
