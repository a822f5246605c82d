package dev.pluggable.plugin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.proto.goplugin.GRPCBrokerGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto.ConnInfo;
import dev.pluggable.transport.PeerPolicy;
import dev.pluggable.transport.Transport;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * The plugin's side of the broker, as go-plugin has it: one of the services of a plugin
 * in Java.
 */
public final class PluginSideBroker extends GRPCBrokerGrpc.GRPCBrokerImplBase implements AutoCloseable {

	private static final long PATIENCE_SECONDS = 5;

	private final Transport transport;

	private final Path folder;

	private final @Nullable SslContext clientTls;

	private final @Nullable SslContext serverTls;

	private final AtomicInteger lastId = new AtomicInteger();

	private final CompletableFuture<StreamObserver<ConnInfo>> stream = new CompletableFuture<>();

	private final Map<Integer, CompletableFuture<ConnInfo>> mailboxes = new ConcurrentHashMap<>();

	private final List<Served> served = new CopyOnWriteArrayList<>();

	private final List<ManagedChannel> dialed = new CopyOnWriteArrayList<>();

	/**
	 * A broker.
	 * @param transport makes connections and servers
	 * @param folder where the sockets are
	 * @param clientTls encrypts what is dialled, {@code null} for plain text
	 * @param serverTls encrypts what is served, {@code null} for plain text
	 */
	public PluginSideBroker(Transport transport, Path folder, @Nullable SslContext clientTls,
			@Nullable SslContext serverTls) {
		this.transport = transport;
		this.folder = folder;
		this.clientTls = clientTls;
		this.serverTls = serverTls;
	}

	@Override
	public StreamObserver<ConnInfo> startStream(StreamObserver<ConnInfo> toHost) {
		this.stream.complete(toHost);
		return new StreamObserver<>() {

			@Override
			public void onNext(ConnInfo info) {
				int id = info.getServiceId();
				mailbox(id).complete(info);
				CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS)
					.execute(() -> PluginSideBroker.this.mailboxes.remove(id));
			}

			@Override
			public void onError(Throwable failure) {
			}

			@Override
			public void onCompleted() {
				toHost.onCompleted();
			}

		};
	}

	private CompletableFuture<ConnInfo> mailbox(int id) {
		return this.mailboxes.computeIfAbsent(id, (key) -> new CompletableFuture<>());
	}

	/**
	 * Serve, and announce it.
	 * @param services what is served
	 * @return the server, with its number
	 */
	public Served serve(ServerServiceDefinition... services) {
		Served server = listen(services);
		announce(server.id(), "unix", server.socket().toString());
		return server;
	}

	/**
	 * Serve and tell nobody.
	 */
	Served listen(ServerServiceDefinition... services) {
		int id = this.lastId.incrementAndGet();
		Path socket = this.folder.resolve("plugin" + id);
		NettyServerBuilder builder = this.transport.server(socket)
			.maxInboundMessageSize(64 * 1024 * 1024)
			.addServices(List.of(services));
		if (this.serverTls != null) {
			builder.sslContext(this.serverTls);
		}
		try {
			Served server = new Served(id, socket, builder.build().start());
			this.served.add(server);
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Tell the host of a server. Waits for the host if it has not opened the stream.
	 */
	void announce(int id, String network, String address) {
		announce(ConnInfo.newBuilder().setServiceId(id).setNetwork(network).setAddress(address).build());
	}

	void announce(ConnInfo info) {
		StreamObserver<ConnInfo> stream = stream();
		synchronized (stream) {
			stream.onNext(info);
		}
	}

	/**
	 * End the stream, not what is connected.
	 */
	void endStream() {
		StreamObserver<ConnInfo> stream = stream();
		synchronized (stream) {
			stream.onCompleted();
		}
	}

	private StreamObserver<ConnInfo> stream() {
		try {
			return this.stream.get(20, TimeUnit.SECONDS);
		}
		catch (InterruptedException | ExecutionException | TimeoutException ex) {
			throw new IllegalStateException("The host has not opened the stream", ex);
		}
	}

	/**
	 * Connect to what the host serves. Waits for its announcement.
	 * @param id the number that the host gave
	 * @return a channel, closed with the broker at the latest
	 */
	public ManagedChannel dial(int id) {
		ConnInfo info;
		try {
			info = mailbox(id).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
		}
		catch (TimeoutException ex) {
			throw Status.UNKNOWN.withDescription("timeout waiting for connection info").asRuntimeException();
		}
		catch (InterruptedException | ExecutionException ex) {
			throw Status.CANCELLED.withCause(ex).asRuntimeException();
		}
		finally {
			this.mailboxes.remove(id);
		}
		ManagedChannel channel = this.transport.connect(PluginAddress.parse(info.getNetwork(), info.getAddress()),
				this.clientTls, PeerPolicy.allowing(Set.of()), new SilentConnectionListener(),
				(builder) -> builder.maxInboundMessageSize(64 * 1024 * 1024));
		this.dialed.add(channel);
		return channel;
	}

	/**
	 * How many numbers were served so far.
	 */
	int lastId() {
		return this.lastId.get();
	}

	@Override
	public void close() {
		this.served.forEach(Served::close);
		this.dialed.forEach(ManagedChannel::shutdownNow);
	}

	/**
	 * A server of the plugin.
	 *
	 * @param id its number
	 * @param socket where it listens
	 * @param server the server
	 */
	public record Served(int id, Path socket, Server server) implements AutoCloseable {

		@Override
		public void close() {
			this.server.shutdownNow();
			try {
				Files.deleteIfExists(this.socket);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
