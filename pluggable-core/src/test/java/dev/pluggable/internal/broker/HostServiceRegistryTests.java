package dev.pluggable.internal.broker;

import java.util.ArrayList;
import java.util.List;

import dev.pluggable.Registration;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.plugin.PluginException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link HostServiceRegistry}.
 */
class HostServiceRegistryTests {

	private final HostServiceRegistry services = new HostServiceRegistry();

	@Test
	void whenAServiceIsMissingThenThatIsAFailure() {
		add("test.Keystore");
		assertThat(this.services.isComplete()).isTrue();
		assertThatExceptionOfType(PluginException.class).isThrownBy(() -> this.services.get("test.Other"))
			.withMessage("There is no host service 'test.Other'; the application offers test.Keystore");
	}

	@Test
	void whenTwoAnnouncementsAreOpenThenTheRegistryIsCompleteAfterBoth() {
		Registration one = this.services.expectMore();
		Registration other = this.services.expectMore();
		one.close();
		one.close();
		assertThat(this.services.isComplete()).isFalse();
		other.close();
		assertThat(this.services.isComplete()).isTrue();
	}

	@Test
	void whenAllServicesAreThereThenWaitingTasksRunOnce() {
		Registration announcement = this.services.expectMore();
		List<String> ran = new ArrayList<>();
		this.services.whenComplete(() -> ran.add("waiting"));
		add("test.Keystore");
		assertThat(ran).isEmpty();
		announcement.close();
		announcement.close();
		this.services.whenComplete(() -> ran.add("late"));
		assertThat(ran).containsExactly("waiting", "late");
	}

	@Test
	void whenTwoServicesHaveOneNameThenTheSecondIsRefused() {
		add("test.Keystore");
		assertThatIllegalArgumentException().isThrownBy(() -> add("test.Keystore"))
			.withMessageContaining("two host services 'test.Keystore'");
		assertThat(this.services.names()).containsExactly("test.Keystore");
	}

	private void add(String name) {
		this.services.add(Texts.service(name, "Echo", (text) -> text));
	}

}
