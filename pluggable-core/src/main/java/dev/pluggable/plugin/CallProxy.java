package dev.pluggable.plugin;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

import dev.pluggable.ComponentUnavailableException;
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
 * Hands on whatever is called, as bytes: a call that comes in becomes a call of the same
 * method on another channel. All that belongs to a call passes in both directions, and
 * neither side is read from faster than the other takes. Does not block, unless the
 * channel does.
 */
final class CallProxy extends HandlerRegistry {

	private static final Logger logger = LoggerFactory.getLogger(CallProxy.class);

	private final Channel target;

	private final CallOptions options;

	/**
	 * A proxy.
	 * @param target where the calls go
	 * @param maxMessageSize largest message that is handed back, in bytes
	 */
	CallProxy(Channel target, int maxMessageSize) {
		this.target = target;
		this.options = CallOptions.DEFAULT.withMaxInboundMessageSize(maxMessageSize);
	}

	@Override
	public List<ServerServiceDefinition> getServices() {
		return List.of();
	}

	@Override
	public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
		// On the wire all four types of calls look like this one.
		MethodDescriptor<byte[], byte[]> method = MethodDescriptor.newBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER)
			.setType(MethodDescriptor.MethodType.BIDI_STREAMING)
			.setFullMethodName(name)
			.build();
		return ServerMethodDefinition.create(method, this::startCall);
	}

	/**
	 * The deadline, and the cancellation by it, come with gRPC's context.
	 */
	private ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> caller, Metadata headers) {
		ClientCall<byte[], byte[]> call;
		try {
			call = this.target.newCall(caller.getMethodDescriptor(), this.options);
		}
		catch (ComponentUnavailableException ex) {
			caller.close(Status.UNAVAILABLE.withDescription(ex.getMessage()), new Metadata());
			return new ServerCall.Listener<>() {
			};
		}
		ProxiedCall proxied = new ProxiedCall(caller, call);
		call.start(proxied.answers, headers);
		proxied.answers.request();
		proxied.requests.request();
		return proxied.requests;
	}

	/**
	 * One call, from the caller to the target and back. Each direction is worked on by
	 * one thread at a time.
	 */
	private static final class ProxiedCall {

		private final Requests requests;

		private final Answers answers;

		ProxiedCall(ServerCall<byte[], byte[]> caller, ClientCall<byte[], byte[]> call) {
			this.requests = new Requests(caller, call);
			this.answers = new Answers(caller, call, this.requests);
			this.requests.answers = this.answers;
		}

	}

	/**
	 * From the caller to the target.
	 */
	private static final class Requests extends ServerCall.Listener<byte[]> {

		private final ServerCall<byte[], byte[]> caller;

		private final ClientCall<byte[], byte[]> call;

		private @Nullable Answers answers;

		private boolean held;

		Requests(ServerCall<byte[], byte[]> caller, ClientCall<byte[], byte[]> call) {
			this.caller = caller;
			this.call = call;
		}

		void request() {
			this.caller.request(1);
		}

		@Override
		public void onMessage(byte[] message) {
			this.call.sendMessage(message);
			synchronized (this) {
				this.held = !this.call.isReady();
				if (this.held) {
					return;
				}
			}
			request();
		}

		/**
		 * The target takes more.
		 */
		void release() {
			synchronized (this) {
				if (!this.held) {
					return;
				}
				this.held = false;
			}
			request();
		}

		@Override
		public void onHalfClose() {
			this.call.halfClose();
		}

		@Override
		public void onCancel() {
			this.call.cancel("The caller has cancelled the call", null);
		}

		@Override
		public void onReady() {
			if (this.answers != null) {
				this.answers.release();
			}
		}

	}

	/**
	 * From the target to the caller.
	 */
	private static final class Answers extends ClientCall.Listener<byte[]> {

		private final ServerCall<byte[], byte[]> caller;

		private final ClientCall<byte[], byte[]> call;

		private final Requests requests;

		private boolean held;

		Answers(ServerCall<byte[], byte[]> caller, ClientCall<byte[], byte[]> call, Requests requests) {
			this.caller = caller;
			this.call = call;
			this.requests = requests;
		}

		void request() {
			this.call.request(1);
		}

		@Override
		public void onHeaders(Metadata headers) {
			this.caller.sendHeaders(headers);
		}

		@Override
		public void onMessage(byte[] message) {
			this.caller.sendMessage(message);
			synchronized (this) {
				this.held = !this.caller.isReady();
				if (this.held) {
					return;
				}
			}
			request();
		}

		/**
		 * The caller takes more.
		 */
		void release() {
			synchronized (this) {
				if (!this.held) {
					return;
				}
				this.held = false;
			}
			request();
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			try {
				this.caller.close(status, trailers);
			}
			catch (IllegalStateException ex) {
				logger.debug("A proxied call had ended already", ex);
			}
		}

		@Override
		public void onReady() {
			this.requests.release();
		}

	}

	/**
	 * A message that nobody looks into.
	 */
	private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

		private static final Bytes MARSHALLER = new Bytes();

		/**
		 * The transport knows the length of this kind of stream.
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
