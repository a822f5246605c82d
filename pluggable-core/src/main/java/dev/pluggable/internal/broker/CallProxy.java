package dev.pluggable.internal.broker;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.StatusLimit;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.HandlerRegistry;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards all calls to a channel. An incoming call becomes a call of the same method on
 * the channel. The proxy forwards messages as bytes, so it needs no contract.
 */
final class CallProxy extends HandlerRegistry {

	private static final Logger logger = LoggerFactory.getLogger(CallProxy.class);

	private static final int MAX_SHOWN = 200;

	private final Channel target;

	private final CallOptions options;

	private final StatusLimit limit = new StatusLimit();

	/**
	 * Create a proxy.
	 * @param target receives the calls
	 * @param options options of the calls to the target
	 */
	CallProxy(Channel target, CallOptions options) {
		this.target = target;
		this.options = options;
	}

	@Override
	public List<ServerServiceDefinition> getServices() {
		return List.of();
	}

	@Override
	public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
		// On the wire, calls of all types look like bidirectional streams.
		MethodDescriptor<byte[], byte[]> method = MethodDescriptor.newBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER)
			.setType(MethodDescriptor.MethodType.BIDI_STREAMING)
			.setFullMethodName(name)
			.build();
		return ServerMethodDefinition.create(method, this::startCall);
	}

	private ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> caller, Metadata headers) {
		this.limit.learn(headers);
		try {
			ClientCall<byte[], byte[]> call = this.target.newCall(caller.getMethodDescriptor(), this.options);
			ProxiedCall proxied = new ProxiedCall(caller, call, this.limit);
			proxied.start(headers);
			return proxied;
		}
		catch (ComponentUnavailableException ex) {
			this.limit.close(caller, Status.UNAVAILABLE.withDescription(ex.getMessage()), new Metadata());
		}
		catch (RuntimeException ex) {
			logger.warn("The proxy failed to forward a call of {}",
					LogText.visible(caller.getMethodDescriptor().getFullMethodName(), MAX_SHOWN), ex);
			caller.close(Status.INTERNAL.withDescription("The call cannot be forwarded"), new Metadata());
		}
		return new ServerCall.Listener<>() {
		};
	}

	/**
	 * Reads and writes messages as bytes.
	 */
	private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

		private static final Bytes MARSHALLER = new Bytes();

		/**
		 * Return the message as a stream whose length the transport knows.
		 */
		@Override
		public InputStream stream(byte[] value) {
			return new ByteArrayInputStream(value);
		}

		@Override
		public byte[] parse(InputStream stream) {
			try {
				if (!(stream instanceof KnownLength)) {
					return stream.readAllBytes();
				}
				byte[] message = new byte[stream.available()];
				stream.readNBytes(message, 0, message.length);
				return message;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
