package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.pluggable.ComponentInstances;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.kind.GrpcBytes;
import dev.pluggable.kind.ServiceCalls;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;
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
 * Offers implementations of {@link PubSub} to other processes.
 */
final class PubSubService extends PubSubGrpc.PubSubImplBase {

	/** The maximum number of messages of one stream that have no answer. */
	static final int WINDOW = 256;

	/**
	 * The time for an answer. The implementation then gets the message back. A host has a
	 * shorter limit of its own; this one is for hosts that lose messages.
	 */
	private static final Duration ANSWER_TIMEOUT = Duration.ofHours(1);

	/** The implementation gets all messages back before its subscription ends. */
	private static final Duration GRACE = Duration.ofSeconds(1);

	private static final Logger logger = LoggerFactory.getLogger(PubSubService.class);

	private final ComponentInstances<PubSub> instances;

	private final ServiceCalls<PubSub> calls;

	private final Set<MessageStream> streams = ConcurrentHashMap.newKeySet();

	PubSubService(ComponentInstances<PubSub> instances) {
		this.instances = instances;
		this.calls = new ServiceCalls<>("pub/sub component", instances, ServiceCalls.ErrorTranslator.NONE);
	}

	@Override
	public void init(PubSubProto.PubSubInitRequest request, StreamObserver<PubSubProto.PubSubInitResponse> observer) {
		this.calls.initialize(request.getMetadata().getPropertiesMap(),
				PubSubProto.PubSubInitResponse.getDefaultInstance(), observer, this::initialized);
	}

	@Override
	public void features(CommonProto.FeaturesRequest request, StreamObserver<CommonProto.FeaturesResponse> observer) {
		this.calls.answer("Features", observer,
				(pubSub) -> CommonProto.FeaturesResponse.newBuilder().addAllFeatures(pubSub.features()).build());
	}

	@Override
	public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> observer) {
		this.calls.answer("Ping", observer, (pubSub) -> {
			pubSub.ping();
			this.streams.forEach(MessageStream::endIfOver);
			return CommonProto.PingResponse.getDefaultInstance();
		});
	}

	@Override
	public void publish(PubSubProto.PublishRequest request, StreamObserver<PubSubProto.PublishResponse> observer) {
		this.calls.answer("Publish", observer, (pubSub) -> {
			pubSub.publish(
					ServiceCalls.valid(() -> new PublishRequest(request.getTopic(), GrpcBytes.unwrap(request.getData()),
							emptyToNull(request.getContentType()), request.getMetadataMap())));
			return PubSubProto.PublishResponse.getDefaultInstance();
		});
	}

	@Override
	public void bulkPublish(PubSubProto.BulkPublishRequest request,
			StreamObserver<PubSubProto.BulkPublishResponse> observer) {
		this.calls.answer("BulkPublish", observer, (pubSub) -> {
			PubSubProto.BulkPublishResponse.Builder response = PubSubProto.BulkPublishResponse.newBuilder();
			try {
				pubSub.bulkPublish(ServiceCalls.valid(() -> new BulkPublishRequest(request.getTopic(),
						request.getEntriesList().stream().map(PubSubService::entry).toList(),
						request.getMetadataMap())));
			}
			catch (BulkPublishException ex) {
				ex.getFailedEntries()
					.forEach((id, error) -> response.addFailedEntriesBuilder().setEntryId(id).setError(error));
			}
			return response.build();
		});
	}

	private static BulkPublishRequest.Entry entry(PubSubProto.BulkMessageEntry entry) {
		return new BulkPublishRequest.Entry(entry.getEntryId(), GrpcBytes.unwrap(entry.getEvent()),
				emptyToNull(entry.getContentType()), entry.getMetadataMap());
	}

	private static @Nullable String emptyToNull(String text) {
		return text.isEmpty() ? null : text;
	}

	@Override
	public void pause(PubSubProto.PauseRequest request, StreamObserver<PubSubProto.PauseResponse> observer) {
		Object host = this.instances.connection();
		this.calls.answer("Pause", observer, (pubSub) -> {
			this.streams.forEach((stream) -> stream.pause(host, pubSub));
			// Another host that uses the same instance goes on.
			if (this.streams.stream().noneMatch((stream) -> stream.isActive(pubSub))) {
				pubSub.pause();
			}
			return PubSubProto.PauseResponse.getDefaultInstance();
		});
	}

	@Override
	public void resume(PubSubProto.ResumeRequest request, StreamObserver<PubSubProto.ResumeResponse> observer) {
		Object host = this.instances.connection();
		this.calls.answer("Resume", observer, (pubSub) -> {
			this.streams.forEach((stream) -> stream.resume(host));
			pubSub.resume();
			return PubSubProto.ResumeResponse.getDefaultInstance();
		});
	}

	@Override
	public StreamObserver<PubSubProto.PullMessagesRequest> pullMessages(
			StreamObserver<PubSubProto.PullMessagesResponse> observer) {
		return new MessageStream((ServerCallStreamObserver<PubSubProto.PullMessagesResponse>) observer);
	}

	/**
	 * Follow up a successful {@code Init}.
	 */
	private void initialized() {
		this.streams.forEach(MessageStream::endIfOver);
		Object host = this.instances.connection();
		this.streams.forEach((stream) -> stream.resume(host));
		try {
			// A host pauses the component before it stops; the next host does not know
			// that.
			this.instances.current().resume();
		}
		catch (UnsupportedOperationByComponentException ex) {
			// The component cannot have been paused either.
		}
		catch (RuntimeException ex) {
			logger.warn("A served pub/sub component was not resumed", ex);
		}
	}

	/**
	 * A subscription of a host, which receives messages and sends answers. Many threads
	 * of the implementation may call it; one of them at a time writes to the stream.
	 */
	private final class MessageStream implements StreamObserver<PubSubProto.PullMessagesRequest>, OrderedHandler {

		private final ServerCallStreamObserver<PubSubProto.PullMessagesResponse> observer;

		private final Context context = Context.current();

		private final Object host = PubSubService.this.instances.connection();

		/**
		 * Blocks implementations that deliver more messages than the request allows.
		 */
		private final Unanswered<MessageOutcome> unanswered = new Unanswered<>(WINDOW);

		private final Queue<PubSubProto.PullMessagesResponse> waiting = new ConcurrentLinkedQueue<>();

		private final SerialExecutor writer = new SerialExecutor(Runnable::run);

		private final AtomicBoolean oddAnswerLogged = new AtomicBoolean();

		private volatile @Nullable PubSub instance;

		private volatile @Nullable Subscription subscription;

		/** A paused stream keeps the messages that are not sent yet. */
		private volatile boolean paused;

		private final CompletableFuture<Ending> end = new CompletableFuture<>();

		/** Used by the writer only. */
		private boolean closed;

		private String topic = "";

		private MessageStream(ServerCallStreamObserver<PubSubProto.PullMessagesResponse> observer) {
			this.observer = observer;
			observer.setOnReadyHandler(this::write);
			observer.setOnCancelHandler(() -> end(null));
			PubSubService.this.streams.add(this);
		}

		@Override
		public void onNext(PubSubProto.PullMessagesRequest request) {
			if (this.end.isDone()) {
				return;
			}
			if (this.subscription == null) {
				begin(request);
			}
			else if (request.hasTopic()) {
				end(invalid("Only the first message may contain a topic"));
			}
			else {
				answered(request);
			}
		}

		private StatusRuntimeException invalid(String message) {
			return ServiceCalls.status(Status.Code.INVALID_ARGUMENT, message);
		}

		private void begin(PubSubProto.PullMessagesRequest request) {
			if (!request.hasTopic()) {
				end(invalid("The first message must contain the topic"));
				return;
			}
			PubSub instance;
			try {
				instance = PubSubService.this.instances.current();
			}
			catch (IllegalStateException ex) {
				end(ServiceCalls.status(Status.Code.FAILED_PRECONDITION,
						"The pub/sub component is not initialised: Init was not called"));
				return;
			}
			catch (PluggableException ex) {
				end(PubSubService.this.calls.toStatus("Init", ex));
				return;
			}
			this.instance = instance;
			try {
				Map<String, String> metadata = new HashMap<>(PubSubService.this.instances.hostMetadata());
				metadata.putAll(request.getTopic().getMetadataMap());
				SubscribeRequest subscribe = ServiceCalls.valid(() -> new SubscribeRequest(request.getTopic().getName(),
						metadata, WINDOW, ANSWER_TIMEOUT, 1, Duration.ZERO, null, GRACE));
				this.topic = subscribe.topic();
				Subscription subscription = instance.subscribe(subscribe, this);
				if (subscription == null) {
					throw new IllegalStateException("subscribe returned null");
				}
				this.subscription = subscription;
			}
			catch (RuntimeException ex) {
				end(PubSubService.this.calls.toStatus("PullMessages", ex));
				return;
			}
			if (this.end.isDone()) {
				// The stream ended during the call, without a subscription to end.
				endSubscription();
			}
			else {
				// A Ping or an Init during the call could not see the subscription.
				endIfOver();
			}
		}

		private void answered(PubSubProto.PullMessagesRequest request) {
			CompletableFuture<MessageOutcome> outcome = this.unanswered.take(request.getAckMessageId());
			if (outcome == null) {
				if (this.oddAnswerLogged.compareAndSet(false, true)) {
					logger
						.warn("The host answers messages of topic '{}' that do not, or no longer, wait for an answer; "
								+ "such answers are ignored", this.topic);
				}
				return;
			}
			outcome.complete(request.hasAckError() ? MessageOutcome.RETRY : MessageOutcome.ACK);
		}

		@Override
		public void onError(Throwable failure) {
			end(null);
		}

		@Override
		public void onCompleted() {
			end(null);
		}

		/**
		 * End the stream. Messages without an answer go back to the implementation, whose
		 * subscription ends first.
		 */
		private void end(@Nullable StatusRuntimeException failure) {
			if (!this.end.complete(new Ending(failure))) {
				return;
			}
			PubSubService.this.streams.remove(this);
			endSubscription();
			this.unanswered.takeAll(MessageStream::giveBack);
			write();
		}

		private void endSubscription() {
			Subscription subscription = this.subscription;
			if (subscription != null) {
				try {
					subscription.drain(GRACE);
				}
				catch (RuntimeException ex) {
					logger.warn("The subscription to topic '{}' of a served pub/sub component did not end in order",
							this.topic, ex);
				}
			}
		}

		/**
		 * End a stream whose subscription has ended, so that the host opens the stream
		 * again. Otherwise the stream would stay silent.
		 */
		private void endIfOver() {
			PubSub instance = this.instance;
			Subscription subscription = this.subscription;
			if (instance != null && subscription != null && (!PubSubService.this.calls.isCurrent(this.context, instance)
					|| subscription.status().state() == StreamStatus.State.CLOSED)) {
				end(ServiceCalls.status(Status.Code.UNAVAILABLE,
						"The pub/sub component has ended the subscription; subscribe again"));
			}
		}

		void pause(Object host, PubSub instance) {
			if (this.host == host && this.instance == instance) {
				this.paused = true;
			}
		}

		void resume(Object host) {
			if (this.host == host && this.paused) {
				this.paused = false;
				write();
			}
		}

		boolean isActive(PubSub instance) {
			return this.instance == instance && !this.paused && !this.end.isDone();
		}

		@Override
		public MessageOutcome handle(Message message) throws Exception {
			CompletableFuture<MessageOutcome> outcome = handleAsync(message);
			try {
				return outcome.get();
			}
			catch (InterruptedException ex) {
				outcome.cancel(false);
				throw ex;
			}
		}

		@Override
		public CompletableFuture<MessageOutcome> handleAsync(Message message) {
			Unanswered.Expected<MessageOutcome> expected;
			try {
				expected = this.unanswered.expect(ANSWER_TIMEOUT);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return CompletableFuture.failedFuture(ex);
			}
			if (expected == null) {
				return CompletableFuture.completedFuture(MessageOutcome.RETRY);
			}
			CompletableFuture<MessageOutcome> outcome = expected.answer();
			PubSubProto.PullMessagesResponse response = response(expected.id(), message);
			this.waiting.add(response);
			// The implementation may have stopped waiting.
			outcome.whenComplete((value, failure) -> this.waiting.remove(response));
			if (this.end.isDone()) {
				giveBack(outcome);
			}
			else {
				write();
			}
			return outcome;
		}

		private static void giveBack(CompletableFuture<MessageOutcome> outcome) {
			outcome.complete(MessageOutcome.RETRY);
		}

		private PubSubProto.PullMessagesResponse response(String id, Message message) {
			PubSubProto.PullMessagesResponse.Builder response = PubSubProto.PullMessagesResponse.newBuilder()
				.setId(id)
				.setTopicName(message.topic())
				.setData(GrpcBytes.wrap(message.data()))
				.putAllMetadata(message.metadata());
			if (message.contentType() != null) {
				response.setContentType(message.contentType());
			}
			return response.build();
		}

		/**
		 * Write as many messages as the host takes. While a thread is writing, other
		 * threads leave the work to it.
		 */
		private void write() {
			this.writer.execute(this::writeAll);
		}

		private void writeAll() {
			try {
				while (!this.closed && !this.paused && !this.end.isDone() && this.observer.isReady()) {
					PubSubProto.PullMessagesResponse response = this.waiting.poll();
					if (response == null) {
						break;
					}
					this.observer.onNext(response);
				}
			}
			catch (RuntimeException ex) {
				logger.warn("A message of topic '{}' could not be sent", this.topic, ex);
				end(ServiceCalls.status(Status.Code.INTERNAL, "A message could not be sent"));
			}
			if (!this.closed && this.end.isDone()) {
				this.closed = true;
				this.waiting.clear();
				close(this.end.join().failure());
			}
		}

		private void close(@Nullable StatusRuntimeException failure) {
			if (failure != null) {
				this.observer.onError(failure);
			}
			else if (!this.observer.isCancelled()) {
				this.observer.onCompleted();
			}
		}

	}

	/**
	 * The end of a stream.
	 *
	 * @param failure status for the host, {@code null} if the host has ended the stream
	 */
	private record Ending(@Nullable StatusRuntimeException failure) {
	}

}
