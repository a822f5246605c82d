package dev.pluggable.internal.support;

import java.util.List;

import dev.pluggable.plugin.PluginSettings;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Names}.
 */
class NamesTests {

	@ParameterizedTest
	@ValueSource(strings = { "a", "7", "redis-go", "a.b_c-D", "discoveries" })
	void whenANameFollowsTheRuleThenItIsFree(String name) {
		assertThat(Names.isName(name)).isTrue();
		assertThat(Names.isFreeName(name)).isTrue();
		assertThat(PluginSettings.of(name, List.of("true")).name()).isEqualTo(name);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ".a", "-a", "_a", "a b", "a/b", "\u00e4", "a\n" })
	void whenANameBreaksTheRuleThenNothingCanHaveIt(String name) {
		assertThat(Names.isName(name)).isFalse();
		assertThatIllegalArgumentException().isThrownBy(() -> PluginSettings.of(name, List.of("true")))
			.withMessageContaining("cannot be the name of a plugin: " + Names.RULE);
	}

	@ParameterizedTest
	@ValueSource(strings = Names.RESERVED)
	void whenANameIsReservedThenASocketCanHaveItAndAPluginCannot(String name) {
		assertThat(Names.isName(name)).isTrue();
		assertThat(Names.isFreeName(name)).isFalse();
		assertThatIllegalArgumentException().isThrownBy(() -> PluginSettings.of(name, List.of("true")))
			.withMessageContaining("do not use 'discovery'");
	}

}
