package dev.pluggable.bindings;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Draining;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.kind.GrpcBytes;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.InputBindingGrpc;
import dev.pluggable.stream.HandlerFailureLog;
import dev.pluggable.stream.HandlerRunner;
import dev.pluggable.stream.HandlerStoppedException;
import dev.pluggable.stream.HandlerTimeoutException;
import dev.pluggable.stream.ReopeningStream;
import dev.pluggable.stream.Settlement;
import dev.pluggable.stream.StreamProtocol;
import dev.pluggable.stream.StreamStatus;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxy of an input binding in another process.
 */
final class GrpcInputBinding implements InputBinding, Draining {

	private static final Logger logger = LoggerFactory.getLogger(GrpcInputBinding.class);

	private final ComponentClient client;

	private final ComponentCalls calls;

	private final Set<GrpcReading> readings = ConcurrentHashMap.newKeySet();

	private volatile boolean stopped;

	GrpcInputBinding(ComponentClient client) {
		this.client = client;
		this.calls = new ComponentCalls(client, ComponentCalls.FailureTranslator.NONE);
	}

	@Override
	public Reading read(ReadRequest request, BindingHandler handler) {
		GrpcReading reading = new GrpcReading(this.client, request, handler);
		this.readings.add(reading);
		reading.closed().whenComplete((closed, failure) -> this.readings.remove(reading));
		if (this.stopped) {
			this.readings.remove(reading);
			throw new ComponentUnavailableException(this.client.component(), this.client.kind(), "Read",
					"the application is stopping");
		}
		reading.start();
		return reading;
	}

	@Override
	public void ping() {
		this.calls.unary(InputBindingGrpc.getPingMethod(), CommonProto.PingRequest.getDefaultInstance());
	}

	@Override
	public CompletionStage<?> drain(Duration grace) {
		this.stopped = true;
		return CompletableFuture.allOf(this.readings.stream()
			.map((reading) -> reading.drain(grace).toCompletableFuture())
			.toArray(CompletableFuture[]::new));
	}

	/**
	 * A stream of events. Each event gets the answer of its handler, or an error if the
	 * handler failed.
	 */
	private static final class GrpcReading
			implements Reading, StreamProtocol<BindingsProto.ReadRequest, BindingsProto.ReadResponse> {

		private final ReadRequest request;

		private final BindingHandler handler;

		private final HandlerRunner handlers;

		private final HandlerFailureLog failures = new HandlerFailureLog(logger);

		private final ReopeningStream<BindingsProto.ReadRequest, BindingsProto.ReadResponse> stream;

		private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();

		GrpcReading(ComponentClient client, ReadRequest request, BindingHandler handler) {
			this.request = request;
			this.handler = handler;
			this.stream = new ReopeningStream<>(client, "reading", request.concurrency(), this);
			this.handlers = this.stream.handlerRunner(request.handlerTimeout());
		}

		void start() {
			this.stream.start();
		}

		CompletionStage<?> closed() {
			return this.closed;
		}

		@Override
		public MethodDescriptor<BindingsProto.ReadRequest, BindingsProto.ReadResponse> method() {
			return InputBindingGrpc.getReadMethod();
		}

		@Override
		public BindingsProto.@Nullable ReadRequest opening() {
			return null;
		}

		@Override
		public void handle(BindingsProto.ReadResponse message,
				Settlement<BindingsProto.@Nullable ReadRequest> settlement) {
			String contentType = message.getContentType();
			BindingEvent event = new BindingEvent(message.getMessageId(), GrpcBytes.unwrap(message.getData()),
					contentType.isEmpty() ? null : contentType, message.getMetadataMap());
			this.handlers.run(settlement, () -> this.handler.handleAsync(event),
					(data, failure) -> settlement.settle(answer(event, data, failure)));
		}

		@Override
		public BindingsProto.@Nullable ReadRequest refuse(BindingsProto.ReadResponse message, String reason) {
			return message.getMessageId().isEmpty() ? null
					: BindingsProto.ReadRequest.newBuilder()
						.setMessageId(message.getMessageId())
						.setResponseError(BindingsProto.AckResponseError.newBuilder().setMessage(reason))
						.build();
		}

		private BindingsProto.@Nullable ReadRequest answer(BindingEvent event, byte @Nullable [] data,
				@Nullable Throwable failure) {
			BindingsProto.ReadRequest.Builder answer = BindingsProto.ReadRequest.newBuilder().setMessageId(event.id());
			if (failure instanceof HandlerStoppedException) {
				return null;
			}
			if (failure != null) {
				this.failures.log("The handler of the " + this.stream + " failed: " + reason(failure), failure,
						event.data());
				answer.setResponseError(BindingsProto.AckResponseError.newBuilder().setMessage(reason(failure)));
			}
			else if (data != null) {
				answer.setResponseData(GrpcBytes.wrap(data));
			}
			return answer.build();
		}

		/**
		 * A reason without the message of the exception, which may contain payload.
		 */
		private static String reason(Throwable failure) {
			return (failure instanceof HandlerTimeoutException) ? String.valueOf(failure.getMessage())
					: "handling failed: " + failure.getClass().getName();
		}

		@Override
		public void abandon() {
			this.handlers.stopAll();
		}

		@Override
		public StreamStatus status() {
			return this.stream.status();
		}

		@Override
		public CompletionStage<?> drain(Duration grace) {
			return this.stream.drain(grace).whenComplete((drained, failure) -> this.closed.complete(null));
		}

		@Override
		public void close() {
			drain(this.request.grace());
			if (!this.handlers.isHandling()) {
				this.stream.awaitEnd(this.request.grace());
			}
		}

	}

}
