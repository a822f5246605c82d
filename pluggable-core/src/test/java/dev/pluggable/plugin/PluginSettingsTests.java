package dev.pluggable.plugin;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;

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

}
