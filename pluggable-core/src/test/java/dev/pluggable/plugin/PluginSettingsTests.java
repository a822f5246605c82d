package dev.pluggable.plugin;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.PluggableException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link PluginSettings}.
 */
class PluginSettingsTests {

	private final PluginSettings settings = PluginSettings.of("relayer", List.of("relayer"));

	@Test
	void whenTheProtocolIsSocketThenNothingOfGoPluginCanBeSet() {
		PluginSettings socket = this.settings.withProtocol(PluginProtocol.SOCKET);
		assertThatIllegalArgumentException().isThrownBy(() -> socket.withAutoMtls(true))
			.withMessageContaining("'autoMtls' requires the protocol go-plugin");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> socket.withHandshake(new HandshakeSettings("K", "V", Set.of(1))))
			.withMessageContaining("'handshake' requires the protocol go-plugin");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> socket.withHandshake(new HandshakeSettings("", "", Set.of(2))))
			.withMessageContaining("'handshake'");
	}

	@Test
	void whenThereIsNothingToLaunchThenThatIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> PluginSettings.of("relayer", List.of()))
			.withMessageContaining("'command'");
	}

	@Test
	void whenATimeIsOfNoUseThenThatIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.settings.withTimeouts(Duration.ZERO, Duration.ofSeconds(1)))
			.withMessageContaining("'startTimeout'");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.settings.withTimeouts(Duration.ofSeconds(1), Duration.ofMillis(-1)))
			.withMessageContaining("'stopTimeout'");
	}

	@Test
	void whenTheEnvironmentHasAVariableThatTheApplicationSetsThenThatIsRefusedByName() {
		for (String name : List.of("PLUGIN_PROTOCOL_VERSIONS", "PLUGIN_CLIENT_CERT", "PLUGIN_UNIX_SOCKET_DIR",
				"PLUGIN_MULTIPLEX_GRPC", "PLUGGABLE_PLUGIN_DIRECTORY", "COOKIE")) {
			PluginSettings goPlugin = this.settings.withHandshake(new HandshakeSettings("COOKIE", "V", Set.of(1)));
			assertRefused(goPlugin, name);
		}
		for (String name : List.of("PLUGGABLE_SOCKET_PATH", "DAPR_COMPONENTS_SOCKETS_FOLDER",
				"PLUGGABLE_PLUGIN_DIRECTORY")) {
			assertRefused(this.settings.withProtocol(PluginProtocol.SOCKET), name);
		}
		this.settings.withEnvironment(new EnvironmentSettings(Set.of("TMPDIR"), Map.of("PLUGIN_MIN_PORT", "1")));
	}

	private static void assertRefused(PluginSettings settings, String name) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> settings.withEnvironment(new EnvironmentSettings(Set.of(), Map.of(name, "x"))))
			.withMessageContaining("'" + name + "'");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> settings.withEnvironment(new EnvironmentSettings(Set.of(name), Map.of())))
			.withMessageContaining("'" + name + "'");
	}

	@Test
	void whenAPluginHasItsOwnTlsThenAutoMtlsIsRefused() {
		PluginSettings tls = this.settings.withTls(new TlsSettings(() -> {
			throw new IllegalStateException("not called");
		}, TlsSettings.DEFAULT_SERVER_NAME));
		assertThatIllegalArgumentException().isThrownBy(() -> tls.withAutoMtls(true))
			.withMessageContaining("'autoMtls' and 'tls'");
	}

	@Test
	void whenAPluginFailsThenTheExceptionIsOneOfTheProduct() {
		assertThat(new PluginException("broken")).isInstanceOf(PluggableException.class)
			.hasMessage("broken")
			.hasNoCause()
			.extracting(PluggableException::getStatusCode)
			.isNull();
	}

}
