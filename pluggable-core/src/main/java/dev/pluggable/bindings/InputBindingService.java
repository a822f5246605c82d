package dev.pluggable.bindings;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.ComponentInstances;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.kind.GrpcBytes;
import dev.pluggable.kind.ServiceCalls;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.InputBindingGrpc;
import dev.pluggable.stream.StreamStatus;
import dev.pluggable.stream.Unanswered;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers implementations of {@link InputBinding} to other processes. Each stream is a
 * reading of its own, which ends with the stream.
 */
final class InputBindingService extends InputBindingGrpc.InputBindingImplBase {

	private static final Logger logger = LoggerFactory.getLogger(InputBindingService.class);

	/**
	 * The maximum number of events of a stream that wait for their answers.
	 */
	static final int MAX_UNANSWERED = 256;

	/**
	 * The time for an answer. A host has a shorter limit of its own; this one is for
	 * hosts that lose events.
	 */
	private static final Duration ANSWER_TIMEOUT = Duration.ofHours(1);

	/**
	 * The time for an implementation to end a reading whose events have all failed.
	 */
	private static final Duration CLOSE_GRACE = Duration.ofSeconds(1);

	private static final long READY_CHECK_MILLIS = 100;

	private static final int MAX_ERROR_LENGTH = 400;

	private final ServiceCalls<InputBinding> calls;

	private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();

	InputBindingService(ComponentInstances<InputBinding> instances) {
		this.calls = new ServiceCalls<>("input binding", instances, ServiceCalls.ErrorTranslator.NONE);
	}

	@Override
	public void init(BindingsProto.InputBindingInitRequest request,
			StreamObserver<BindingsProto.InputBindingInitResponse> observer) {
		this.calls.initialize(request.getMetadata().getPropertiesMap(),
				BindingsProto.InputBindingInitResponse.getDefaultInstance(), observer,
				() -> this.streams.forEach(EventStream::endIfOver));
	}

	@Override
	public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> observer) {
		this.calls.answer("Ping", observer, (binding) -> {
			binding.ping();
			this.streams.forEach(EventStream::endIfOver);
			return CommonProto.PingResponse.getDefaultInstance();
		});
	}

	@Override
	public StreamObserver<BindingsProto.ReadRequest> read(StreamObserver<BindingsProto.ReadResponse> observer) {
		InputBinding binding = this.calls.current(observer);
		EventStream stream = new EventStream((ServerCallStreamObserver<BindingsProto.ReadResponse>) observer, binding);
		if (binding != null) {
			this.streams.add(stream);
			stream.begin(binding);
		}
		return stream;
	}

	/**
	 * One stream. It is the handler of the implementation's events, which it sends to the
	 * host, and it receives the answers of the host.
	 */
	private final class EventStream implements BindingHandler, StreamObserver<BindingsProto.ReadRequest> {

		private final ServerCallStreamObserver<BindingsProto.ReadResponse> call;

		private final Context context = Context.current();

		private final @Nullable InputBinding binding;

		private final Unanswered<byte @Nullable []> unanswered = new Unanswered<>(MAX_UNANSWERED);

		private final ReentrantLock lock = new ReentrantLock();

		private final Condition changed = this.lock.newCondition();

		private boolean ended;

		private boolean strayAnswerLogged;

		private @Nullable Reading reading;

		/**
		 * Create a stream for the events of a binding. Without a binding, it has ended.
		 */
		EventStream(ServerCallStreamObserver<BindingsProto.ReadResponse> call, @Nullable InputBinding binding) {
			this.call = call;
			this.binding = binding;
			this.ended = binding == null;
			call.setOnReadyHandler(this::signal);
			call.setOnCancelHandler(() -> end(null));
		}

		void begin(InputBinding binding) {
			Reading reading;
			try {
				reading = binding.read(new ReadRequest(MAX_UNANSWERED, ANSWER_TIMEOUT, CLOSE_GRACE), this);
			}
			catch (RuntimeException ex) {
				end(InputBindingService.this.calls.toStatus("Read", ex));
				return;
			}
			boolean over;
			this.lock.lock();
			try {
				this.reading = reading;
				over = this.ended;
			}
			finally {
				this.lock.unlock();
			}
			if (over) {
				drain(reading);
			}
			else {
				// A Ping or an Init during the call could not see the reading.
				endIfOver();
			}
		}

		/**
		 * End a stream whose reading has ended, so that the host opens the stream again.
		 * Otherwise the stream would stay silent.
		 */
		void endIfOver() {
			Reading reading;
			this.lock.lock();
			try {
				reading = this.reading;
			}
			finally {
				this.lock.unlock();
			}
			InputBinding binding = this.binding;
			if (reading != null && binding != null && (!InputBindingService.this.calls.isCurrent(this.context, binding)
					|| reading.status().state() == StreamStatus.State.CLOSED)) {
				end(ServiceCalls.status(Status.Code.UNAVAILABLE,
						"The input binding has ended the reading; read again"));
			}
		}

		private void signal() {
			this.lock.lock();
			try {
				this.changed.signalAll();
			}
			finally {
				this.lock.unlock();
			}
		}

		@Override
		public byte @Nullable [] handle(BindingEvent event) throws Exception {
			CompletableFuture<byte @Nullable []> answer = handleAsync(event);
			try {
				return answer.get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
			}
			catch (ExecutionException ex) {
				throw (ex.getCause() instanceof Exception cause) ? cause : ex;
			}
			catch (InterruptedException | TimeoutException ex) {
				answer.cancel(false);
				throw ex;
			}
		}

		/**
		 * Send the event. Blocks while the maximum number of events wait for their
		 * answers, and while the host does not read.
		 */
		@Override
		public CompletableFuture<byte @Nullable []> handleAsync(BindingEvent event) {
			Unanswered.Expected<byte @Nullable []> expected;
			try {
				expected = this.unanswered.expect(ANSWER_TIMEOUT);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return CompletableFuture.failedFuture(ex);
			}
			if (expected == null) {
				return CompletableFuture.failedFuture(notTaken());
			}
			try {
				send(response(expected.id(), event));
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				expected.answer().completeExceptionally(ex);
			}
			catch (RuntimeException ex) {
				expected.answer().completeExceptionally(ex);
			}
			return expected.answer();
		}

		private void send(BindingsProto.ReadResponse response) throws InterruptedException {
			this.lock.lockInterruptibly();
			try {
				awaitReady();
				this.call.onNext(response);
			}
			finally {
				this.lock.unlock();
			}
		}

		private void awaitReady() throws InterruptedException {
			long remaining = ANSWER_TIMEOUT.toNanos();
			while (!this.ended && !this.call.isReady()) {
				if (remaining <= 0) {
					throw notTaken();
				}
				long slice = Math.min(remaining, TimeUnit.MILLISECONDS.toNanos(READY_CHECK_MILLIS));
				remaining -= slice - Math.max(0, this.changed.awaitNanos(slice));
			}
			if (this.ended) {
				throw ended();
			}
		}

		private static EventNotHandledException notTaken() {
			return new EventNotHandledException("The event was not sent: the other process takes no more events");
		}

		private static EventNotHandledException ended() {
			return new EventNotHandledException("The stream to the other process ended before the event was answered");
		}

		private static BindingsProto.ReadResponse response(String id, BindingEvent event) {
			BindingsProto.ReadResponse.Builder builder = BindingsProto.ReadResponse.newBuilder()
				.setMessageId(id)
				.setData(GrpcBytes.wrap(event.data()))
				.putAllMetadata(event.metadata());
			if (event.contentType() != null) {
				builder.setContentType(event.contentType());
			}
			return builder.build();
		}

		@Override
		public void onNext(BindingsProto.ReadRequest request) {
			CompletableFuture<byte @Nullable []> answer = this.unanswered.take(request.getMessageId());
			if (answer == null) {
				logStrayAnswer();
			}
			else if (request.hasResponseError()) {
				answer.completeExceptionally(new EventNotHandledException(
						"The other process did not handle the event: " + text(request.getResponseError())));
			}
			else {
				answer.complete(GrpcBytes.unwrap(request.getResponseData()));
			}
		}

		private static String text(BindingsProto.AckResponseError error) {
			return LogText.oneLine(error.getMessage(), MAX_ERROR_LENGTH);
		}

		private void logStrayAnswer() {
			if (this.strayAnswerLogged) {
				logger.debug("Ignored another answer that belongs to no event of this stream");
				return;
			}
			this.strayAnswerLogged = true;
			logger.warn("Ignored an answer that belongs to no event of this stream, or to an event with an answer; "
					+ "further such answers are not logged");
		}

		@Override
		public void onError(Throwable ex) {
			end(null);
		}

		@Override
		public void onCompleted() {
			end(null);
		}

		/**
		 * End the reading and the stream. Events without an answer have failed, so that
		 * the implementation can deliver them again.
		 * @param failure status for the host, {@code null} if the host has ended the
		 * stream
		 */
		private void end(@Nullable StatusRuntimeException failure) {
			Reading reading;
			this.lock.lock();
			try {
				if (this.ended) {
					return;
				}
				this.ended = true;
				reading = this.reading;
				this.changed.signalAll();
			}
			finally {
				this.lock.unlock();
			}
			InputBindingService.this.streams.remove(this);
			this.unanswered.takeAll((answer) -> answer.completeExceptionally(ended()));
			if (reading != null) {
				drain(reading);
			}
			if (failure != null) {
				this.call.onError(failure);
			}
			else if (!this.call.isCancelled()) {
				this.call.onCompleted();
			}
		}

		private static void drain(Reading reading) {
			try {
				reading.drain(CLOSE_GRACE);
			}
			catch (RuntimeException ex) {
				logger.warn("The reading of a served input binding could not be ended", ex);
			}
		}

	}

}
