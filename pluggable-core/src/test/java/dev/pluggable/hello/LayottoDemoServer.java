package dev.pluggable.hello;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.Empty;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.proto.layotto.v1.HelloGrpc;
import dev.pluggable.proto.layotto.v1.HelloProto;
import dev.pluggable.transport.TransportType;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.stub.StreamObserver;

/**
 * Behaves like the component of Layotto's demo, on a real socket: it offers only
 * reflection v1alpha, ignores headers, requires a token, and has one greeting for all
 * callers.
 */
public final class LayottoDemoServer extends HelloGrpc.HelloImplBase implements AutoCloseable {

	private final Path socket;

	private final Transport transport = Transport.create(TransportType.AUTO);

	/** Each Init, in order. */
	public final List<HelloProto.HelloConfig> inits = new CopyOnWriteArrayList<>();

	private volatile String hello = "";

	private Server server;

	public LayottoDemoServer(Path socket) {
		this.socket = socket;
	}

	@SuppressWarnings("deprecation")
	public LayottoDemoServer start() {
		BindableService reflection = ProtoReflectionService.newInstance();
		try {
			Files.deleteIfExists(this.socket);
			this.server = this.transport.server(this.socket).addService(this).addService(reflection).build().start();
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void init(HelloProto.HelloConfig request, StreamObserver<Empty> observer) {
		this.inits.add(request);
		if (!"123456".equals(request.getMetadataOrDefault("token", ""))) {
			observer.onError(Status.UNKNOWN.withDescription("auth failed").asRuntimeException());
			return;
		}
		this.hello = request.getHelloString();
		observer.onNext(Empty.getDefaultInstance());
		observer.onCompleted();
	}

	@Override
	public void sayHello(HelloProto.HelloRequest request, StreamObserver<HelloProto.HelloResponse> observer) {
		observer.onNext(HelloProto.HelloResponse.newBuilder().setHelloString(this.hello).build());
		observer.onCompleted();
	}

	@Override
	public void close() {
		if (this.server != null) {
			this.server.shutdownNow();
			try {
				this.server.awaitTermination(5, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
		this.transport.close();
	}

}
