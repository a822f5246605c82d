package dev.pluggable.server;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.pluggable.fixtures.Connections;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.proto.components.v1.BindingsProto.InvokeRequest;
import dev.pluggable.proto.components.v1.BindingsProto.OutputBindingInitRequest;
import dev.pluggable.proto.components.v1.CommonProto.MetadataRequest;
import dev.pluggable.proto.components.v1.OutputBindingGrpc;
import dev.pluggable.transport.TransportType;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;

/**
 * A connection to a server of the test kind.
 */
final class EchoClient implements AutoCloseable {

	private static final Metadata.Key<String> INSTANCE = Metadata.Key.of("x-component-instance",
			Metadata.ASCII_STRING_MARSHALLER);

	private final Transport transport;

	private final ManagedChannel channel;

	EchoClient(Path socket) {
		this(socket, TransportType.AUTO);
	}

	EchoClient(Path socket, TransportType type) {
		this.transport = Transport.create(type);
		this.channel = Connections.to(socket, this.transport);
	}

	ManagedChannel channel() {
		return this.channel;
	}

	OutputBindingGrpc.OutputBindingBlockingStub stub(String instance) {
		OutputBindingGrpc.OutputBindingBlockingStub stub = OutputBindingGrpc.newBlockingStub(this.channel)
			.withDeadlineAfter(20, TimeUnit.SECONDS);
		if (instance.isEmpty()) {
			return stub;
		}
		Metadata headers = new Metadata();
		headers.put(INSTANCE, instance);
		return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
	}

	void init(String instance, Map<String, String> metadata) {
		init(stub(instance), metadata);
	}

	static void init(OutputBindingGrpc.OutputBindingBlockingStub stub, Map<String, String> metadata) {
		stub.init(OutputBindingInitRequest.newBuilder()
			.setMetadata(MetadataRequest.newBuilder().putAllProperties(metadata))
			.build());
	}

	String say(String instance, String text) {
		return stub(instance).invoke(InvokeRequest.newBuilder().setData(ByteString.copyFromUtf8(text)).build())
			.getData()
			.toStringUtf8();
	}

	@Override
	public void close() {
		this.channel.shutdownNow();
		try {
			this.channel.awaitTermination(5, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.transport.close();
	}

}
