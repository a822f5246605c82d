package example;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;

import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Registration;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.HandshakeSettings;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.RestartSettings;
import example.stranger.AddHelper;
import example.stranger.AddReply;
import example.stranger.Agent;
import example.stranger.AgentKind;
import example.stranger.Backend;
import example.stranger.BackendKind;
import example.stranger.Counter;
import example.stranger.CounterKind;
import example.stranger.GetRequest;
import example.stranger.IdentityProvider;
import example.stranger.IdentityReply;
import example.stranger.InitialiseRequest;
import example.stranger.Job;
import example.stranger.LoadRequest;
import example.stranger.Loader;
import example.stranger.LoaderKind;
import example.stranger.Oracle;
import example.stranger.OracleKind;
import example.stranger.PutRequest;
import example.stranger.ReadArgs;
import example.stranger.Registry;
import example.stranger.RegistryKind;
import example.stranger.RunRequest;
import example.stranger.SetupArgs;
import example.stranger.Source;
import example.stranger.Storage;
import example.stranger.StorageGetReply;
import example.stranger.SumResponse;
import example.stranger.ValueReply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Hosts of the plugins in Go. Each process is killed at each step, and what the host
 * calls is whole again afterwards.
 */
public final class Use implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final ComponentHost host;

	/** What kills the process at a step, by the number of the step. */
	private final AtomicInteger step = new AtomicInteger();

	private volatile int deadly;

	private Use(Path folder, String program, boolean autoMtls, ComponentKind<?> kind,
			Consumer<ComponentHost> preparation) {
		PluginSettings settings = PluginSettings.of("stranger", List.of(program, kind.name()))
			.withHandshake(new HandshakeSettings("STRANGER", "stranger", Set.of(1)))
			.withAutoMtls(autoMtls)
			.withRestart(new RestartSettings(RestartSettings.Policy.ALWAYS, Duration.ofMillis(10),
					Duration.ofMillis(100), 0.2, 0, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ZERO));
		ComponentDeclaration declaration = new ComponentDeclaration("stranger", ComponentType.of(kind.name() + ".stranger"),
				false, Map.of(), new ComponentSettings(Duration.ofSeconds(10), Duration.ofSeconds(30),
						Duration.ofSeconds(30), 4 * 1024 * 1024));
		this.host = new ComponentHost(HostSettings.defaults()
			.withDeclarations(List.of(declaration))
			.withPlugins(List.of(settings))
			.withPluginDirectory(folder), List.of(kind), List.of(), (endpoint, builder) -> {
			});
		preparation.accept(this.host);
		this.host.start();
	}

	/**
	 * Put with a helper: an id in the request, and none in the answer.
	 * @param folder the folder of the plugin's files
	 * @param program the plugins
	 * @param autoMtls whether connections are encrypted
	 */
	public static void counter(Path folder, String program, boolean autoMtls) {
		try (Use use = new Use(folder, program, autoMtls, CounterKind.INSTANCE, (host) -> {
		})) {
			Counter counter = use.instance(CounterKind.INSTANCE);
			AddHelper adds = (request) -> SumResponse.newBuilder().setR(request.getA() + request.getB()).build();
			PutRequest put = PutRequest.newBuilder().setKey("k").setValue(2).build();
			GetRequest get = GetRequest.newBuilder().setKey("k").build();
			use.eventually(() -> counter.put(put, adds));
			counter.put(put, adds);
			assertThat(counter.async().put(put, adds)).succeedsWithin(PATIENCE);
			assertThat(counter.get(get).getValue()).isEqualTo(6);
			use.serves();
			for (int i = 0; i < 3; i++) {
				assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> counter.put(put, (sum) -> {
					use.kill();
					return SumResponse.getDefaultInstance();
				}));
				use.eventually(() -> counter.put(put, adds));
				assertThat(counter.get(get).getValue()).isEqualTo(2);
				use.serves();
			}
			use.kill();
			use.eventually(() -> counter.put(put, adds));
			assertThat(counter.get(get).getValue()).isEqualTo(2);
			use.serves();
		}
	}

	/**
	 * Setup with an id, before everything else.
	 * @param folder the folder of the plugin's files
	 * @param program the plugins
	 * @param autoMtls whether connections are encrypted
	 */
	public static void backend(Path folder, String program, boolean autoMtls) {
		List<String> keys = new CopyOnWriteArrayList<>();
		Use[] holder = new Use[1];
		Storage storage = (request) -> {
			keys.add(request.getKey());
			holder[0].reached();
			return StorageGetReply.newBuilder().setValue("value of " + request.getKey()).build();
		};
		BackendKind kind = new BackendKind(() -> (context) -> new Backend.SetupCall(
				SetupArgs.newBuilder().putConfig("prefix", context.name() + ": ").build(), storage));
		try (Use use = waiting(holder, folder, program, autoMtls, kind, 1)) {
			Backend backend = use.instance(kind);
			ReadArgs read = ReadArgs.newBuilder().setPath("p").build();
			use.eventually(() -> backend.read(read));
			assertThat(keys).as("killed in the first setup").startsWith("setup", "setup");
			assertThat(backend.read(read).getValue()).isEqualTo("stranger: value of p");
			use.serves("broker_id");
			use.dieAt(1);
			assertThatExceptionOfType(ComponentUnavailableException.class).as("killed in a call")
				.isThrownBy(() -> backend.read(read));
			use.eventually(() -> backend.read(read));
			use.kill();
			use.eventually(() -> backend.read(read));
			use.serves("broker_id");
			assertThat(keys.stream().filter("setup"::equals)).hasSize(4);
		}
	}

	/**
	 * Init with the id 1, which the plugin demands.
	 * @param folder the folder of the plugin's files
	 * @param program the plugins
	 * @param autoMtls whether connections are encrypted
	 */
	public static void agent(Path folder, String program, boolean autoMtls) {
		Use[] holder = new Use[1];
		AtomicInteger fetched = new AtomicInteger();
		IdentityProvider provider = () -> {
			holder[0].reached();
			return IdentityReply.newBuilder().setIdentity("identity " + fetched.incrementAndGet()).build();
		};
		AgentKind kind = new AgentKind(() -> (context) -> new Agent.InitCall(provider));
		try (Use use = waiting(holder, folder, program, autoMtls, kind, 1)) {
			Agent agent = use.instance(kind);
			use.eventually(agent::identity);
			assertThat(use.status().served()).extracting(BrokeredConnection::id).containsExactly(1);
			for (int i = 0; i < 2; i++) {
				use.kill();
				use.eventually(agent::identity);
				assertThat(use.status().served()).extracting(BrokeredConnection::id).containsExactly(1);
			}
			use.host.plugins().restart("stranger").toCompletableFuture().join();
			use.eventually(agent::identity);
			use.serves("host_id");
		}
	}

	/**
	 * Twelve ids at once.
	 * @param folder the folder of the plugin's files
	 * @param program the plugins
	 * @param autoMtls whether connections are encrypted
	 */
	public static void oracle(Path folder, String program, boolean autoMtls) {
		Use[] holder = new Use[1];
		IntFunction<Source> source = (value) -> () -> {
			holder[0].reached();
			return ValueReply.newBuilder().setValue(value % 2).build();
		};
		OracleKind kind = new OracleKind(() -> (context) -> new Oracle.InitialiseCall(
				InitialiseRequest.newBuilder().setName(context.name()).build(), source.apply(1), source.apply(2),
				source.apply(3), source.apply(4), source.apply(5), source.apply(6), source.apply(7), source.apply(8),
				source.apply(9), source.apply(10), source.apply(11), source.apply(12)));
		String[] served = new String[12];
		for (int i = 0; i < 12; i++) {
			served[i] = "source_" + (i + 1);
		}
		try (Use use = waiting(holder, folder, program, autoMtls, kind, 1)) {
			Oracle oracle = use.instance(kind);
			for (int step : new int[] { 7, 12 }) {
				use.eventually(oracle::total);
				assertThat(oracle.total().getTotal()).isEqualTo(0b101010101010);
				assertThat(oracle.total().getName()).isEqualTo("stranger");
				use.serves(served);
				use.kill();
				use.dieAt(step);
			}
			use.eventually(oracle::total);
			use.dieAt(5);
			assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(oracle::total);
			use.eventually(oracle::total);
			use.serves(served);
		}
	}

	/**
	 * The plugin calls the host with an id of its own, and is called back.
	 * @param folder the folder of the plugin's files
	 * @param program the plugins
	 * @param autoMtls whether connections are encrypted
	 */
	public static void loader(Path folder, String program, boolean autoMtls) {
		Use[] holder = new Use[1];
		List<Job> jobs = new CopyOnWriteArrayList<>();
		Registry registry = (request, job) -> {
			holder[0].reached();
			jobs.add(job);
			String output = job.run(RunRequest.newBuilder().setInput("at once").build()).getOutput();
			return AddReply.newBuilder().setAnswer(output).build();
		};
		LoaderKind kind = new LoaderKind(() -> (context) -> new Loader.InitialiseCall(Registry.hostService()));
		try (Use use = waiting(holder, folder, program, autoMtls, kind, 0,
				(host) -> RegistryKind.INSTANCE.bind(() -> registry).forEach(host.hostServices()::add))) {
			Loader loader = use.instance(kind);
			LoadRequest load = LoadRequest.newBuilder().setName("job").build();
			use.eventually(() -> assertThat(loader.load(load).getAnswer()).isEqualTo("job runs at once"));
			Job job = jobs.get(0);
			assertThat(run(job)).as("after the call").isEqualTo("job runs later");
			use.kill();
			assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> run(job));
			use.eventually(() -> loader.load(load));
			assertThatExceptionOfType(ComponentUnavailableException.class).as("the object of a process that has ended")
				.isThrownBy(() -> run(job));
			use.dieAt(1);
			assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> loader.load(load));
			use.eventually(() -> loader.load(load));
			Job last = jobs.get(jobs.size() - 1);
			assertThat(run(last)).isEqualTo("job runs later");
			assertThat(use.status().dialed()).hasSize(1);
			last.close();
			assertThat(use.status().dialed()).isEmpty();
			use.serves("registry_id");
		}
	}

	private static String run(Job job) {
		return job.run(RunRequest.newBuilder().setInput("later").build()).getOutput();
	}

	private static Use waiting(Use[] holder, Path folder, String program, boolean autoMtls, ComponentKind<?> kind,
			int deadly) {
		return waiting(holder, folder, program, autoMtls, kind, deadly, (host) -> {
		});
	}

	/**
	 * Create a host whose plugin calls the host while it starts.
	 */
	private static Use waiting(Use[] holder, Path folder, String program, boolean autoMtls, ComponentKind<?> kind,
			int deadly, Consumer<ComponentHost> preparation) {
		List<Registration> expected = new ArrayList<>();
		Use use = new Use(folder, program, autoMtls, kind, (host) -> {
			expected.add(host.hostServices().expectMore());
			preparation.accept(host);
		});
		holder[0] = use;
		use.deadly = deadly;
		expected.forEach(Registration::close);
		return use;
	}

	/**
	 * The plugin has made a call to the host. If the step is deadly, the plugin is killed
	 * there, once.
	 */
	private void reached() {
		if (this.deadly > 0 && this.step.incrementAndGet() == this.deadly) {
			this.deadly = 0;
			kill();
		}
	}

	private void dieAt(int step) {
		this.step.set(0);
		this.deadly = step;
	}

	private void kill() {
		long pid = status().pid();
		GoPluginMain.kill(pid);
		await().atMost(PATIENCE).until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
	}

	private void eventually(Runnable call) {
		await().atMost(PATIENCE).ignoreExceptionsInstanceOf(ComponentUnavailableException.class).untilAsserted(call::run);
	}

	private <T> T instance(ComponentKind<T> kind) {
		return this.host.registry().find(kind, "stranger").orElseThrow().instance();
	}

	private PluginStatus status() {
		return this.host.plugins().status("stranger").orElseThrow();
	}

	/**
	 * Verify that the host serves these connections and no other ones.
	 */
	private void serves(String... names) {
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(status().served()).extracting(BrokeredConnection::name)
				.containsExactlyInAnyOrder(names));
	}

	@Override
	public void close() {
		this.host.close();
	}

}
