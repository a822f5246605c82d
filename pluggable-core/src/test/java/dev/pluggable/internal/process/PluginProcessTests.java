package dev.pluggable.internal.process;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link PluginProcess} with fake handles. {@link PluginLauncherTests} uses
 * real processes.
 */
class PluginProcessTests {

	private final Process process;

	private final List<String> signals = new CopyOnWriteArrayList<>();

	private volatile Optional<Instant> startedAt;

	PluginProcessTests() throws Exception {
		this.process = new ProcessBuilder("sleep", "1000").start();
		this.startedAt = this.process.info().startInstant();
	}

	@AfterEach
	void end() throws Exception {
		this.process.destroyForcibly();
		assertThat(this.process.waitFor(30, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenItsNumberIsThatOfAnotherProcessThenThatOneIsLeftAlone() throws Exception {
		PluginProcess plugin = attached();
		Optional<Instant> first = this.startedAt;
		assertThat(first).hasValue(plugin.startedAt());
		this.startedAt = first.map((start) -> start.plusSeconds(1));
		plugin.terminate();
		plugin.kill();
		this.startedAt = Optional.empty();
		plugin.terminate();
		plugin.kill();
		assertThat(this.signals).isEmpty();
		assertThat(this.process.isAlive()).isTrue();
		this.startedAt = first;
		plugin.kill().toCompletableFuture().get(30, TimeUnit.SECONDS);
		assertThat(this.signals).containsExactly("destroyForcibly");
		assertThat(this.process.isAlive()).isFalse();
	}

	@Test
	void whenItIsTheOneThenItIsAskedToEnd() throws Exception {
		PluginProcess plugin = attached();
		plugin.terminate();
		plugin.ended().toCompletableFuture().get(30, TimeUnit.SECONDS);
		assertThat(this.signals).containsExactly("destroy");
		plugin.kill();
		plugin.terminate();
		assertThat(this.signals).as("of a process that has ended").containsExactly("destroy");
	}

	private PluginProcess attached() {
		ProcessHandle handle = handle();
		return PluginProcess.attached("relayer", handle, OwnedProcess.peer(handle, handle.pid()), Runnable::run);
	}

	@Test
	void whenAProcessWasNotRecognisedThenItGetsNoSignal() {
		PluginProcess plugin = PluginProcess.attached("relayer", handle(), null, Runnable::run);
		plugin.terminate();
		plugin.kill();
		plugin.end(Duration.ZERO);
		assertThat(plugin.ended().toCompletableFuture()).isCompleted();
		assertThat(plugin.mayKill()).isFalse();
		assertThat(this.signals).isEmpty();
		assertThat(this.process.isAlive()).isTrue();
	}

	@Test
	void whenThePeerIsAnotherProcessThenTheProcessIsNotRecognised() {
		assertThatIllegalArgumentException().isThrownBy(() -> OwnedProcess.peer(handle(), handle().pid() + 1));
	}

	@Test
	void whenAProcessHasEndedThenItIsNotAliveBeforeTheExitIsHandled() throws Exception {
		PluginProcess plugin = attached();
		assertThat(plugin.isAlive()).isTrue();
		this.process.destroyForcibly().waitFor();
		assertThat(plugin.isAlive()).isFalse();
	}

	/**
	 * Return a handle that records signals and has the start time that the test chose.
	 */
	private ProcessHandle handle() {
		ProcessHandle handle = this.process.toHandle();
		ProcessHandle.Info info = implement(ProcessHandle.Info.class, handle.info());
		return (ProcessHandle) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { ProcessHandle.class }, (proxy, method, arguments) -> {
					if (method.getName().startsWith("destroy")) {
						this.signals.add(method.getName());
					}
					return method.getName().equals("info") ? info : invoke(handle, method, arguments);
				});
	}

	private <T> T implement(Class<T> type, T delegate) {
		return type.cast(Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { type },
				(proxy, method, arguments) -> method.getName().equals("startInstant") ? this.startedAt
						: invoke(delegate, method, arguments)));
	}

	private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
		try {
			return method.invoke(target, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getCause();
		}
	}

}
