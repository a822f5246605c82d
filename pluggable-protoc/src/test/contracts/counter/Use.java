package example;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.ContractPluginMain;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.RestartSettings;
import example.counter.Counter;
import example.counter.CounterKind;
import example.counter.CounterOuterClass.AddRequest;
import example.counter.CounterOuterClass.NewWorkerRequest;
import example.counter.CounterOuterClass.Number;
import example.counter.CounterOuterClass.RegisterReply;
import example.counter.CounterOuterClass.SetupRequest;
import example.counter.CounterOuterClass.SumRequest;
import example.counter.CounterOuterClass.Text;
import example.counter.Helper;
import example.counter.Registry;
import example.counter.RegistryKind;
import example.counter.Worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A host of a plugin with references in each direction. The plugin is a process of its
 * own, and is killed once.
 */
public final class Use {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final ComponentHost host;

	private Use(ComponentHost host) {
		this.host = host;
	}

	/**
	 * Run the plugin and use it.
	 * @param folder the folder of the plugin's files
	 */
	public static void run(Path folder) {
		PluginSettings settings = GoPluginMain.settings("first", ContractPluginMain.class)
			.withRestart(new RestartSettings(RestartSettings.Policy.ALWAYS, Duration.ofMillis(10),
					Duration.ofMillis(100), 0.2, 0, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ZERO));
		ComponentDeclaration declaration = new ComponentDeclaration("first", ComponentType.of("counter.first"), false,
				Map.of(), new ComponentSettings(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30),
						4 * 1024 * 1024));
		List<String> setups = new CopyOnWriteArrayList<>();
		CounterKind kind = new CounterKind(() -> (context) -> {
			setups.add(context.name());
			return new Counter.SetupCall(SetupRequest.newBuilder().setName(context.name()).build(),
					Registry.hostService());
		});
		try (ComponentHost host = new ComponentHost(HostSettings.defaults()
			.withDeclarations(List.of(declaration))
			.withPlugins(List.of(settings))
			.withPluginDirectory(folder), List.of(kind), List.of(), (endpoint, builder) -> {
			})) {
			Registry registry = (request, worker) -> Registry.RegisterObjects.of(RegisterReply.newBuilder()
				.setAnswer(request.getName() + ((worker != null) ? ", " + worker.work(text("x")).getText() : ""))
				.build(), plus(0));
			RegistryKind.INSTANCE.bind(() -> registry).forEach(host.hostServices()::add);
			host.start();
			new Use(host).use(host.registry().find(kind, "first").orElseThrow().instance(), setups);
		}
	}

	private void use(Counter counter, List<String> setups) {
		Worker worker = counter.newWorker(NewWorkerRequest.newBuilder().setName("bob").build(), plus(1));
		AtomicInteger creations = new AtomicInteger();
		Worker numbered = counter.newWorker(
				() -> NewWorkerRequest.newBuilder().setName("worker " + creations.incrementAndGet()).build(), plus(1));
		try (worker;
				numbered;
				Counter.NewPairObjects pair = counter.newPair(NewWorkerRequest.newBuilder().setName("x").build(), null)) {
			for (int process = 1; process <= 2; process++) {
				works(counter, worker, pair);
				assertThat(setups).hasSize(process).containsOnly("first");
				await().atMost(PATIENCE)
					.ignoreExceptions()
					.untilAsserted(() -> assertThat(numbered.work(text("x")).getText())
						.startsWith("worker " + creations.get() + " "));
				assertThat(creations).hasValueGreaterThanOrEqualTo(process);
				if (process == 1) {
					GoPluginMain.kill(status().pid());
					await().atMost(PATIENCE).until(() -> setups.size() == 2);
				}
			}
		}
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> worker.work(text("x")));
	}

	private void works(Counter counter, Worker worker, Counter.NewPairObjects pair) {
		await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
			assertThat(counter.add(add(1, 2), plus(10)).getValue()).isEqualTo(13);
			assertThat(counter.add(add(1, 2), null).getValue()).isEqualTo(3);
			assertThat(worker.work(text("four")).getText()).isEqualTo("bob of first does four 5");
			assertThat(pair.left().work(text("y")).getText()).isEqualTo("left x of first does y 1");
			assertThat(pair.right().work(text("y")).getText()).isEqualTo("right x of first does y 1");
			assertThat(pair.reply().getTitle()).isEqualTo("x of " + status().pid());
		});
		assertThat(counter.async().add(add(1, 2), plus(10))).succeedsWithin(PATIENCE)
			.extracting(Number::getValue)
			.isEqualTo(13L);
		counter.keep(plus(100));
		assertThat(counter.addKept(SumRequest.newBuilder().setA(1).setB(2).build()).getValue()).isEqualTo(103);
		assertThat(counter.register(text("me")).getText()).isEqualTo("me, me of first does x 1 42");
		List<Integer> before = served();
		assertThat(counter.register(text("nobody briefly")).getText()).isEqualTo("nobody briefly 42");
		await().atMost(PATIENCE).until(() -> served().equals(before));
		assertThat(counter.healthReport().getHealthReportMap()).containsKeys("Counter", "Counter.Workers");
		try (Stream<Number> numbers = counter.countTo(Number.newBuilder().setValue(3).build())) {
			assertThat(numbers).extracting(Number::getValue).containsExactly(1L, 2L, 3L);
		}
	}

	private List<Integer> served() {
		return status().served().stream().map(BrokeredConnection::id).toList();
	}

	private PluginStatus status() {
		return this.host.plugins().status("first").orElseThrow();
	}

	private static Helper plus(long more) {
		return (sum) -> Number.newBuilder().setValue(sum.getA() + sum.getB() + more).build();
	}

	private static AddRequest add(long a, long b) {
		return AddRequest.newBuilder().setA(a).setB(b).build();
	}

	private static Text text(String text) {
		return Text.newBuilder().setText(text).build();
	}

}
