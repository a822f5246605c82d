package dev.pluggable.autoconfigure;

import java.util.Set;
import java.util.stream.Collectors;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.preinitialize.BackgroundPreinitializer;
import org.springframework.core.io.support.SpringFactoriesLoader;

import static org.assertj.core.api.Assertions.assertThat;

class HostBackgroundPreinitializerTests {

	@Test
	void whenAnApplicationStartsThenItIsFound() {
		assertThat(SpringFactoriesLoader.forDefaultResourceLocation().load(BackgroundPreinitializer.class))
			.hasAtLeastOneElementOfType(HostBackgroundPreinitializer.class);
	}

	@Test
	void whenItHasRunThenItsThreadsAreGone() {
		Set<Thread> before = threads();
		new HostBackgroundPreinitializer().preinitialize();
		Awaitility.await().untilAsserted(() -> assertThat(threads()).isSubsetOf(before));
	}

	private static Set<Thread> threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("pluggable-"))
			.collect(Collectors.toSet());
	}

}
