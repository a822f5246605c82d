package dev.pluggable.internal.broker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.pluggable.Registration;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.plugin.PluginException;
import io.grpc.Deadline;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link HostServiceRegistry}.
 */
class HostServiceRegistryTests {

	private static final Deadline NEVER = Deadline.after(1, TimeUnit.HOURS);

	private final HostServiceRegistry services = new HostServiceRegistry();

	@Test
	void whenNoServiceIsAnnouncedThenAMissingServiceFailsAtOnce() throws Exception {
		add("test.Keystore");
		assertThat(this.services.isComplete()).isTrue();
		assertThat(this.services.isExpected("test.Other")).isFalse();
		assertThat(this.services.await("test.Keystore", NEVER)).isSameAs(this.services.get("test.Keystore"));
		assertThatExceptionOfType(PluginException.class).isThrownBy(() -> this.services.await("test.Other", NEVER))
			.withMessage("There is no host service 'test.Other'; the application offers test.Keystore");
	}

	@Test
	void whenTwoAnnouncementsAreOpenThenTheRegistryIsCompleteAfterBoth() {
		Registration one = this.services.expectMore();
		Registration other = this.services.expectMore();
		one.close();
		one.close();
		assertThat(this.services.isComplete()).isFalse();
		assertThat(this.services.isExpected("test.Keystore")).isTrue();
		other.close();
		assertThat(this.services.isComplete()).isTrue();
	}

	@Test
	void whenAServiceIsAddedThenItsWaitersContinue() throws Exception {
		this.services.expectMore();
		CompletableFuture<String> found = waiting("test.Keystore");
		add("test.Other");
		assertThat(found).isNotDone();
		add("test.Keystore");
		assertThat(found.get(20, TimeUnit.SECONDS)).isEqualTo("test.Keystore");
	}

	@Test
	void whenAServiceIsNotAddedInTimeThenItsWaitersFail() {
		this.services.expectMore();
		assertThatExceptionOfType(PluginException.class)
			.isThrownBy(() -> this.services.await("test.Keystore", Deadline.after(1, TimeUnit.MILLISECONDS)))
			.withMessage("The host service 'test.Keystore' was not there in time: the application is still starting");
	}

	@Test
	void whenTwoServicesHaveOneNameThenTheSecondIsRefused() {
		add("test.Keystore");
		assertThatIllegalArgumentException().isThrownBy(() -> add("test.Keystore"))
			.withMessageContaining("two host services 'test.Keystore'");
		assertThat(this.services.names()).containsExactly("test.Keystore");
	}

	private CompletableFuture<String> waiting(String name) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return this.services.await(name, NEVER).getServiceDescriptor().getName();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	private void add(String name) {
		this.services.add(Texts.service(name, "Echo", (text) -> text));
	}

}
