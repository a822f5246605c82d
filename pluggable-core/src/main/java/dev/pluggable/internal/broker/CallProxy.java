package dev.pluggable.internal.broker;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.internal.support.Backoff;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
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
 * neither side is read from faster than the other takes. No thread waits for anything.
 */
final class CallProxy extends HandlerRegistry {

	private static final Logger logger = LoggerFactory.getLogger(CallProxy.class);

	private static final Duration FIRST_RETRY = Duration.ofMillis(10);

	private static final Duration LAST_RETRY = Duration.ofMillis(100);

	private final Channel target;

	private final CallOptions options;

	private final long waitNanos;

	private final ScheduledExecutorService scheduler;

	/**
	 * A proxy.
	 * @param target where the calls go
	 * @param maxMessageSize largest message that is handed back, in bytes
	 * @param waitForReady how long a call waits for the target to be ready
	 * @param scheduler runs short tasks after a delay
	 */
	CallProxy(Channel target, int maxMessageSize, Duration waitForReady, ScheduledExecutorService scheduler) {
		this.target = target;
		this.options = CallOptions.DEFAULT.withMaxInboundMessageSize(maxMessageSize)
			.withOption(ComponentClient.NO_WAIT, Boolean.TRUE);
		this.waitNanos = waitForReady.toNanos();
		this.scheduler = scheduler;
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

	private ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> caller, Metadata headers) {
		ProxiedCall proxied = new ProxiedCall(caller, headers);
		proxied.open();
		return proxied;
	}

	/**
	 * One call. Hears of the caller; as long as it is not open, the caller is not read
	 * from.
	 */
	private final class ProxiedCall extends ServerCall.Listener<byte[]> {

		private final ServerCall<byte[], byte[]> caller;

		private final Metadata headers;

		/**
		 * Holds the deadline, and the cancellation by it.
		 */
		private final Context context = Context.current();

		private final long start = System.nanoTime();

		private final Backoff backoff = new Backoff(FIRST_RETRY, LAST_RETRY);

		private final Direction requests = new Direction();

		private final Direction answers = new Direction();

		private @Nullable ClientCall<byte[], byte[]> call;

		private boolean halfClosed;

		private boolean cancelled;

		ProxiedCall(ServerCall<byte[], byte[]> caller, Metadata headers) {
			this.caller = caller;
			this.headers = headers;
		}

		/**
		 * Open it, now or when the target is ready.
		 */
		void open() {
			Context before = this.context.attach();
			try {
				tryToOpen();
			}
			catch (ComponentUnavailableException ex) {
				if (System.nanoTime() - this.start >= CallProxy.this.waitNanos || !retry()) {
					refuse(Status.UNAVAILABLE.withDescription(ex.getMessage()));
				}
			}
			catch (RuntimeException ex) {
				logger.warn("A call of {} cannot be handed on", this.caller.getMethodDescriptor().getFullMethodName(),
						ex);
				refuse(Status.INTERNAL.withDescription("The call cannot be handed on"));
			}
			finally {
				this.context.detach(before);
			}
		}

		private synchronized void tryToOpen() {
			if (this.cancelled) {
				return;
			}
			ClientCall<byte[], byte[]> call = CallProxy.this.target.newCall(this.caller.getMethodDescriptor(),
					CallProxy.this.options);
			call.start(new Answers(call), this.headers);
			this.call = call;
			if (this.halfClosed) {
				call.halfClose();
			}
			call.request(1);
			this.caller.request(1);
		}

		private boolean retry() {
			try {
				CallProxy.this.scheduler.schedule(this::open, this.backoff.nextMillis(), TimeUnit.MILLISECONDS);
				return true;
			}
			catch (RejectedExecutionException ex) {
				return false;
			}
		}

		private synchronized void refuse(Status status) {
			if (!this.cancelled) {
				this.caller.close(status, new Metadata());
			}
		}

		private ClientCall<byte[], byte[]> call() {
			return Objects.requireNonNull(this.call);
		}

		@Override
		public void onMessage(byte[] message) {
			call().sendMessage(message);
			if (this.requests.goesOn(call()::isReady)) {
				this.caller.request(1);
			}
		}

		@Override
		public synchronized void onHalfClose() {
			this.halfClosed = true;
			if (this.call != null) {
				this.call.halfClose();
			}
		}

		@Override
		public synchronized void onCancel() {
			this.cancelled = true;
			if (this.call != null) {
				this.call.cancel("The caller has cancelled the call", null);
			}
		}

		@Override
		public void onReady() {
			if (this.answers.release()) {
				call().request(1);
			}
		}

		/**
		 * Hears of the target.
		 */
		private final class Answers extends ClientCall.Listener<byte[]> {

			private final ClientCall<byte[], byte[]> call;

			Answers(ClientCall<byte[], byte[]> call) {
				this.call = call;
			}

			@Override
			public void onHeaders(Metadata headers) {
				ProxiedCall.this.caller.sendHeaders(headers);
			}

			@Override
			public void onMessage(byte[] message) {
				ProxiedCall.this.caller.sendMessage(message);
				if (ProxiedCall.this.answers.goesOn(ProxiedCall.this.caller::isReady)) {
					this.call.request(1);
				}
			}

			@Override
			public void onReady() {
				if (ProxiedCall.this.requests.release()) {
					ProxiedCall.this.caller.request(1);
				}
			}

			@Override
			public void onClose(Status status, Metadata trailers) {
				ProxiedCall.this.caller.close(status, trailers);
			}

		}

	}

	/**
	 * One direction of a call: held as long as the other end does not take more.
	 */
	private static final class Direction {

		private boolean held;

		/**
		 * A message was handed on.
		 * @return whether the next may come
		 */
		synchronized boolean goesOn(BooleanSupplier ready) {
			this.held = !ready.getAsBoolean();
			return !this.held;
		}

		/**
		 * The other end takes more.
		 * @return whether the next may come, which did not before
		 */
		synchronized boolean release() {
			boolean released = this.held;
			this.held = false;
			return released;
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
