package dev.pluggable.sample.h2;

import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Options}.
 */
class OptionsTests {

	private static Options parse(Map<String, String> environment, String... args) {
		return Options.parse(args, environment::get);
	}

	@Test
	void whenNothingIsGivenThenDefaults() {
		assertThat(parse(Map.of())).isEqualTo(new Options(Path.of("/tmp/dapr-components-sockets"), "h2",
				Path.of("h2-data").toAbsolutePath(), 4 * 1024 * 1024, false));
	}

	@Test
	void whenEnvironmentIsSetThenItCounts() {
		Options options = parse(Map.of("DAPR_COMPONENTS_SOCKETS_FOLDER", "/s", "H2_DATA_FOLDER", "/d"));
		assertThat(options.folder()).isEqualTo(Path.of("/s"));
		assertThat(options.data()).isEqualTo(Path.of("/d"));
	}

	@Test
	void whenOptionsAreGivenThenTheyCountMore() {
		Options options = parse(Map.of("DAPR_COMPONENTS_SOCKETS_FOLDER", "/s", "H2_DATA_FOLDER", "/d"), "--folder",
				"/other", "--data=/e", "--name", "h3", "--max-message=8");
		assertThat(options).isEqualTo(new Options(Path.of("/other"), "h3", Path.of("/e"), 8 * 1024 * 1024, false));
	}

	@Test
	void whenHelpIsAskedForThenItIsGiven() {
		assertThat(parse(Map.of(), "--help").help()).isTrue();
		assertThat(Options.HELP).contains("--folder", "--name", "--data", "--max-message", "path");
	}

	@ParameterizedTest
	@ValueSource(strings = { "--foo", "foo", "--data", "--max-message=0", "--max-message=9999", "--max-message=x",
			"--data=\0" })
	void whenOptionIsWrongThenRefused(String arg) {
		assertThatIllegalArgumentException().isThrownBy(() -> parse(Map.of(), arg));
	}

}
