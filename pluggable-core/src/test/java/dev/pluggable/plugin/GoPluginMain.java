package dev.pluggable.plugin;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.pluggable.ComponentInstances;
import dev.pluggable.proto.goplugin.GRPCControllerGrpc;
import dev.pluggable.proto.goplugin.GRPCStdioGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto;
import dev.pluggable.state.DeleteRequest;
import dev.pluggable.state.GetRequest;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import dev.pluggable.transport.Transport;
import dev.pluggable.transport.TransportType;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * A process that speaks the plugin's side of go-plugin as a program in Go does: checks
 * its cookie, negotiates the version, prints the handshake, and serves a state store on a
 * socket in {@code PLUGIN_UNIX_SOCKET_DIR} until it is told to end. From then on what it
 * prints goes to the host by {@code GRPCStdio}. With AutoMTLS if the host wants it.
 * <p>
 * Arguments make it misbehave:
 * <ul>
 * <li>{@code junk} prints a line before the handshake</li>
 * <li>{@code mute} prints no handshake and goes on</li>
 * <li>{@code versions=1,3} versions of the application's protocol, 1 by default</li>
 * <li>{@code no-reflection}, {@code no-stdio}, {@code no-controller} leaves a service
 * out</li>
 * <li>{@code not-serving} says so when its health is asked for</li>
 * <li>{@code ignore-shutdown} answers {@code Shutdown} and goes on</li>
 * <li>{@code exit=7} ends with that exit code when its first call has been answered</li>
 * <li>{@code exit-before-line=7} ends with that exit code at once</li>
 * <li>{@code tcp} listens on a port of this machine</li>
 * <li>{@code init-waits=file} does not answer {@code Init} before there is that file;
 * once it is asked, there is one whose name ends in {@code .asked}</li>
 * <li>{@code init-fails=orders} answers {@code Init} of that component by an error</li>
 * <li>{@code max-connection-age=1000} takes no new calls on a connection after that many
 * milliseconds</li>
 * <li>{@code hang-after=5} answers no call after that many</li>
 * <li>{@code grandchild} starts a process that lives long, whose id it puts into the file
 * {@code grandchild} of its run directory's parent</li>
 * <li>{@code flood=10000} writes that many lines to standard error before the
 * handshake</li>
 * </ul>
 * While it runs, a value for the key {@link #CONTROL} does the same: {@code exit 7},
 * {@code hang}, {@code not-serving}, {@code serving}, {@code stdout text},
 * {@code stderr text} (both by {@code GRPCStdio}), {@code log text} (on the real standard
 * error).
 */
public final class GoPluginMain {

	/** Name of the variable that the plugin looks for. */
	public static final String COOKIE_KEY = "PLUGGABLE_TEST_PLUGIN";

	/** What it must hold. */
	public static final String COOKIE_VALUE = "d1f3";

	/** Key of the state store that is a command to the process. */
	public static final String CONTROL = "control";

	private final Map<String, String> options = new LinkedHashMap<>();

	private final PrintStream out = System.out;

	private final PrintStream error = System.err;

	private final HealthStatusManager health = new HealthStatusManager();

	private final Stdio stdio = new Stdio();

	private final AtomicInteger admitted = new AtomicInteger();

	private final CountDownLatch shutdown = new CountDownLatch(1);

	private volatile boolean hanging;

	private GoPluginMain(String[] arguments) {
		for (String argument : arguments) {
			String[] option = argument.split("=", 2);
			this.options.put(option[0], (option.length > 1) ? option[1] : "");
		}
	}

	/**
	 * Settings that run this class with the class path of the caller.
	 * @param name name of the plugin
	 * @param arguments how it misbehaves
	 */
	public static PluginSettings settings(String name, String... arguments) {
		return settings(name, GoPluginMain.class, arguments);
	}

	/**
	 * Settings that run another main class in the same way, such as one that calls
	 * {@link #run} with more services.
	 */
	public static PluginSettings settings(String name, Class<?> main, String... arguments) {
		return PluginSettings.of(name, command(main, arguments))
			.withHandshake(new HandshakeSettings(COOKIE_KEY, COOKIE_VALUE, Set.of(1)));
	}

	/**
	 * The command line of a main class with the class path of the caller.
	 */
	public static List<String> command(Class<?> main, String... arguments) {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xshare:auto", "-Xmx96m", "-cp",
						System.getProperty("java.class.path"), main.getName()));
		command.addAll(List.of(arguments));
		return command;
	}

	/**
	 * Hang a process as a debugger does, or a machine that swaps.
	 */
	public static void suspend(long pid) {
		signal(pid, "STOP");
	}

	/**
	 * Let it go on.
	 */
	public static void resume(long pid) {
		signal(pid, "CONT");
	}

	/**
	 * Kill it as {@code kill -9} does.
	 */
	public static void kill(long pid) {
		signal(pid, "KILL");
	}

	private static void signal(long pid, String name) {
		try {
			int status = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start().waitFor();
			if (status != 0) {
				throw new IllegalStateException("kill -" + name + " ended with " + status);
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	public static void main(String[] arguments) throws Exception {
		run(arguments, (builder) -> {
		});
	}

	/**
	 * Be a plugin until the end of the process.
	 * @param arguments how it misbehaves
	 * @param customizer may add services to the server, such as a broker and what it
	 * gives out
	 */
	public static void run(String[] arguments, Consumer<NettyServerBuilder> customizer) throws Exception {
		run(arguments, (builder, certificate) -> customizer.accept(builder));
	}

	/**
	 * Be a plugin with services that need its certificate, such as a broker.
	 * @param arguments how it misbehaves
	 * @param customizer may add services to the server; gets {@code null} if there are no
	 * certificates
	 */
	static void run(String[] arguments, BiConsumer<NettyServerBuilder, PluginSideCertificate> customizer)
			throws Exception {
		new GoPluginMain(arguments).run(customizer);
	}

	private void run(BiConsumer<NettyServerBuilder, PluginSideCertificate> customizer) throws Exception {
		if (!COOKIE_VALUE.equals(System.getenv(COOKIE_KEY))) {
			System.err.println("This binary is a plugin. It is not meant to be run by hand.");
			System.exit(1);
		}
		misbehaveBefore();
		Path folder = Path.of(System.getenv().getOrDefault("PLUGIN_UNIX_SOCKET_DIR", "/tmp"));
		Path socket = folder.resolve("plugin" + ProcessHandle.current().pid());
		// The JDK's own sockets, since native code would be put into the folder for
		// temporary files.
		Transport transport = Transport.create(TransportType.NIO);
		boolean tcp = this.options.containsKey("tcp");
		NettyServerBuilder builder = tcp
				? NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
				: transport.server(socket);
		builder.intercept(new Misbehaviour());
		addServices(builder);
		PluginSideCertificate certificate = PluginSideCertificate.from(System.getenv());
		customizer.accept(builder, certificate);
		if (certificate != null) {
			builder.sslContext(certificate.server());
		}
		String age = this.options.get("max-connection-age");
		if (age != null) {
			builder.maxConnectionAge(Long.parseLong(age), TimeUnit.MILLISECONDS);
		}
		Server server = builder.build().start();
		if (!this.options.containsKey("mute")) {
			this.out.print("1|" + version() + (tcp ? "|tcp|127.0.0.1:" + server.getPort() : "|unix|" + socket)
					+ "|grpc|" + ((certificate != null) ? certificate.handshakeField() : "") + "\n");
			this.out.flush();
		}
		System.setOut(this.stdio.stream(GoPluginProto.StdioData.Channel.STDOUT));
		System.setErr(this.stdio.stream(GoPluginProto.StdioData.Channel.STDERR));
		this.shutdown.await();
		server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
		transport.close();
		Files.deleteIfExists(socket);
		Runtime.getRuntime().halt(0);
	}

	private void misbehaveBefore() throws IOException {
		String exit = this.options.get("exit-before-line");
		if (exit != null) {
			System.exit(Integer.parseInt(exit));
		}
		if (this.options.containsKey("junk")) {
			this.out.print("listening soon\n");
			this.out.flush();
		}
		int lines = Integer.parseInt(this.options.getOrDefault("flood", "0"));
		for (int i = 0; i < lines; i++) {
			this.error.println("line " + i + " of a flood that nobody wants to read");
		}
		if (this.options.containsKey("grandchild")) {
			Process grandchild = new ProcessBuilder("sleep", "1000").inheritIO().start();
			Path directory = Path.of(System.getenv("PLUGGABLE_PLUGIN_DIRECTORY"));
			Files.writeString(directory.resolveSibling("grandchild"), Long.toString(grandchild.pid()));
		}
	}

	private int version() {
		List<Integer> own = numbers(this.options.getOrDefault("versions", "1"));
		Set<Integer> asked = new HashSet<>(numbers(System.getenv().getOrDefault("PLUGIN_PROTOCOL_VERSIONS", "")));
		return own.stream()
			.sorted(Comparator.reverseOrder())
			.filter(asked::contains)
			.findFirst()
			.orElseGet(() -> own.stream().min(Comparator.naturalOrder()).orElseThrow());
	}

	private static List<Integer> numbers(String text) {
		return Arrays.stream(text.split(",")).filter((part) -> !part.isBlank()).map(Integer::valueOf).toList();
	}

	private void addServices(NettyServerBuilder builder) {
		setServing(!this.options.containsKey("not-serving"));
		builder.addService(this.health.getHealthService());
		String initWaits = this.options.get("init-waits");
		StateStoreKind.INSTANCE
			.serve(new OneInstance(new ControlledStateStore(), (initWaits != null) ? Path.of(initWaits) : null))
			.forEach(builder::addService);
		if (!this.options.containsKey("no-reflection")) {
			builder.addService(ProtoReflectionServiceV1.newInstance());
		}
		if (!this.options.containsKey("no-stdio")) {
			builder.addService(this.stdio);
		}
		if (!this.options.containsKey("no-controller")) {
			builder.addService(new Controller());
		}
	}

	private void setServing(boolean serving) {
		this.health.setStatus("plugin", serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
	}

	private void control(String command) {
		String[] words = command.split(" ", 2);
		String rest = (words.length > 1) ? words[1] : "";
		switch (words[0]) {
			case "exit" -> Runtime.getRuntime().halt(Integer.parseInt(rest));
			case "hang" -> this.hanging = true;
			case "not-serving" -> setServing(false);
			case "serving" -> setServing(true);
			case "stdout" -> System.out.println(rest);
			case "stderr" -> System.err.println(rest);
			case "log" -> this.error.println(rest);
			default -> throw new IllegalArgumentException("unknown command");
		}
	}

	/**
	 * Hangs, and ends after the first answer.
	 */
	private final class Misbehaviour implements ServerInterceptor {

		private static final Metadata.Key<String> INSTANCE = Metadata.Key.of("x-component-instance",
				Metadata.ASCII_STRING_MARSHALLER);

		private static boolean isInit(ServerCall<?, ?> call) {
			return "Init".equals(call.getMethodDescriptor().getBareMethodName());
		}

		private final int hangAfter = Integer
			.parseInt(GoPluginMain.this.options.getOrDefault("hang-after", String.valueOf(Integer.MAX_VALUE)));

		@Override
		public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
				ServerCallHandler<Q, R> next) {
			if (isInit(call) && headers.containsKey(INSTANCE)
					&& headers.get(INSTANCE).equals(GoPluginMain.this.options.get("init-fails"))) {
				call.close(Status.INTERNAL.withDescription("init-fails"), new Metadata());
				return new ServerCall.Listener<>() {
				};
			}
			if (GoPluginMain.this.hanging || GoPluginMain.this.admitted.getAndIncrement() >= this.hangAfter) {
				return new ServerCall.Listener<>() {
				};
			}
			return new ForwardingServerCallListener.SimpleForwardingServerCallListener<>(
					next.startCall(call, headers)) {

				@Override
				public void onComplete() {
					super.onComplete();
					String exit = GoPluginMain.this.options.get("exit");
					if (exit != null) {
						Runtime.getRuntime().halt(Integer.parseInt(exit));
					}
				}

			};
		}

	}

	/**
	 * Ends the process as go-plugin does: at once.
	 */
	private final class Controller extends GRPCControllerGrpc.GRPCControllerImplBase {

		@Override
		public void shutdown(GoPluginProto.Empty request, StreamObserver<GoPluginProto.Empty> response) {
			response.onNext(GoPluginProto.Empty.getDefaultInstance());
			response.onCompleted();
			if (!GoPluginMain.this.options.containsKey("ignore-shutdown")) {
				GoPluginMain.this.shutdown.countDown();
			}
		}

	}

	/**
	 * What was printed, for whoever reads it first. As with a pipe, who prints waits when
	 * too much is there that was not read.
	 */
	private static final class Stdio extends GRPCStdioGrpc.GRPCStdioImplBase {

		private static final int CHUNK = 1024;

		private final BlockingQueue<GoPluginProto.StdioData> chunks = new LinkedBlockingQueue<>(64);

		PrintStream stream(GoPluginProto.StdioData.Channel channel) {
			return new PrintStream(new OutputStream() {

				@Override
				public void write(int value) throws IOException {
					write(new byte[] { (byte) value }, 0, 1);
				}

				@Override
				public void write(byte[] bytes, int offset, int length) throws IOException {
					try {
						for (int i = 0; i < length; i += CHUNK) {
							Stdio.this.chunks.put(GoPluginProto.StdioData.newBuilder()
								.setChannel(channel)
								.setData(ByteString.copyFrom(bytes, offset + i, Math.min(CHUNK, length - i)))
								.build());
						}
					}
					catch (InterruptedException ex) {
						throw new IOException(ex);
					}
				}

			}, true, StandardCharsets.UTF_8);
		}

		@Override
		public void streamStdio(Empty request, StreamObserver<GoPluginProto.StdioData> response) {
			ServerCallStreamObserver<GoPluginProto.StdioData> call = (ServerCallStreamObserver<GoPluginProto.StdioData>) response;
			Semaphore ready = new Semaphore(0);
			call.setOnReadyHandler(ready::release);
			call.setOnCancelHandler(ready::release);
			Thread thread = new Thread(() -> {
				try {
					while (!call.isCancelled()) {
						GoPluginProto.StdioData chunk = this.chunks.poll(1, TimeUnit.SECONDS);
						while (chunk != null && !call.isReady() && !call.isCancelled()) {
							ready.tryAcquire(1, TimeUnit.SECONDS);
						}
						if (chunk != null && !call.isCancelled()) {
							call.onNext(chunk);
						}
					}
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}, "stdio");
			thread.setDaemon(true);
			thread.start();
		}

	}

	/**
	 * A store that takes commands.
	 */
	private final class ControlledStateStore implements StateStore {

		private final StateStore store = new InMemoryStateStore();

		@Override
		public Optional<StateItem> get(GetRequest request) {
			return this.store.get(request);
		}

		@Override
		public void set(SetRequest request) {
			if (request.key().equals(CONTROL)) {
				control(new String(request.value(), StandardCharsets.UTF_8));
			}
			else {
				this.store.set(request);
			}
		}

		@Override
		public void delete(DeleteRequest request) {
			this.store.delete(request);
		}

		@Override
		public Set<String> features() {
			return this.store.features();
		}

	}

	/**
	 * One store for all components.
	 */
	private record OneInstance(StateStore store, @Nullable Path initWaits) implements ComponentInstances<StateStore> {

		@Override
		public StateStore current() {
			return this.store;
		}

		@Override
		public void initialize(Map<String, String> metadata) throws IOException {
			if (this.initWaits != null) {
				Files.writeString(Path.of(this.initWaits + ".asked"), "");
				while (!Files.exists(this.initWaits)) {
					LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
				}
			}
		}

	}

}
