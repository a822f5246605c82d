package dev.pluggable.plugin;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.pluggable.transport.Transport;
import dev.pluggable.transport.TransportType;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;

/**
 * A plugin whose things make other things. The root makes a workshop, which signs with
 * the host's keystore; the workshop makes a worker, which speaks through a speaker that
 * it is given; a speaker is made by a root, too. {@code Drop} ends a thing's server and
 * nothing else.
 */
final class ChainPluginMain {

	static final String KEYSTORE = "chain.Keystore";

	static final String ROOT = "chain.Root";

	static final String WORKSHOP = "chain.Workshop";

	static final String WORKER = "chain.Worker";

	static final String SPEAKER = "chain.Speaker";

	private final PluginSideBroker broker;

	private final Map<Integer, PluginSideBroker.Served> things = new ConcurrentHashMap<>();

	private ChainPluginMain(PluginSideBroker broker) {
		this.broker = broker;
	}

	public static void main(String[] arguments) throws Exception {
		GoPluginMain.run(arguments, ChainPluginMain::customize);
	}

	private static void customize(NettyServerBuilder builder, PluginSideCertificate certificate) {
		Transport transport = Transport.create(TransportType.NIO);
		Path folder = Path.of(System.getenv("PLUGIN_UNIX_SOCKET_DIR"));
		PluginSideBroker broker;
		try {
			broker = (certificate != null)
					? new PluginSideBroker(transport, folder, certificate.client(), certificate.server())
					: new PluginSideBroker(transport, folder, null, null);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		builder.addService(broker).addService(new ChainPluginMain(broker).root());
	}

	private ServerServiceDefinition root() {
		ServerServiceDefinition.Builder root = Texts.builder(ROOT, "NewWorkshop",
				(keystore) -> serve(WORKSHOP, (service) -> workshop(service, dial(keystore))));
		Texts.add(root, ROOT, "NewSpeaker", (name) -> serve(SPEAKER,
				(service) -> Texts.add(service, SPEAKER, "Say", (text) -> name + " says " + text)));
		return root.build();
	}

	private void workshop(ServerServiceDefinition.Builder service, Channel keystore) {
		Texts.add(service, WORKSHOP, "Sign", (text) -> Texts.call(keystore, KEYSTORE, "Sign", text));
		Texts.add(service, WORKSHOP, "NewWorker",
				(speaker) -> serve(WORKER, (worker) -> worker(worker, keystore, dial(speaker))));
	}

	private void worker(ServerServiceDefinition.Builder service, Channel keystore, Channel speaker) {
		Texts.add(service, WORKER, "Work",
				(text) -> Texts.call(speaker, SPEAKER, "Say", Texts.call(keystore, KEYSTORE, "Sign", text)));
	}

	private Channel dial(String id) {
		return this.broker.dial(Integer.parseInt(id));
	}

	private String serve(String name, Consumer<ServerServiceDefinition.Builder> content) {
		AtomicReference<Integer> id = new AtomicReference<>();
		ServerServiceDefinition.Builder service = Texts.builder(name, "Drop", (text) -> {
			// The answer goes out first.
			new Thread(() -> this.things.remove(id.get()).server().shutdown()).start();
			return "dropped";
		});
		content.accept(service);
		PluginSideBroker.Served served = this.broker.listen(service.build());
		id.set(served.id());
		this.things.put(served.id(), served);
		this.broker.announce(served.id(), "unix", served.socket().toString());
		return Integer.toString(served.id());
	}

}
