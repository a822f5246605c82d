package dev.pluggable.pubsub;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import dev.pluggable.stream.HandlerRunner;
import dev.pluggable.stream.Settlement;
import dev.pluggable.stream.StreamStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscription to an {@link InMemoryPubSub}, whose lock guards all fields that change.
 * A subscription is {@code ACTIVE}, then {@code DRAINING} while it takes no more
 * messages, then {@code CLOSED}.
 */
final class InMemorySubscription implements Subscription {

	private static final Logger logger = LoggerFactory.getLogger(InMemorySubscription.class);

	private final InMemoryPubSub pubSub;

	private final Object lock;

	private final ConsumerGroup group;

	private final SubscribeRequest request;

	private final MessageDelivery<MessageDelivery.Verdict> delivery;

	private final ScheduledExecutorService timer;

	/** Begins the deliveries in the order that the lock has decided. */
	private final Executor begins;

	/** The messages that go back to the group if they are not handled. */
	private final Set<ConsumerGroup.Entry> open = new LinkedHashSet<>();

	private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

	private StreamStatus.State state = StreamStatus.State.ACTIVE;

	private Instant since;

	private long received;

	/** The occupied slots. A message occupies its slot longer than it is open. */
	private int inFlight;

	InMemorySubscription(InMemoryPubSub pubSub, Object lock, ConsumerGroup group, SubscribeRequest request,
			MessageHandler handler, ExecutorService executor, ScheduledExecutorService timer) {
		this.pubSub = pubSub;
		this.lock = lock;
		this.group = group;
		this.request = request;
		this.timer = timer;
		this.begins = new SerialExecutor(executor);
		Executor handlers = (handler instanceof OrderedHandler) ? Runnable::run : executor;
		this.delivery = new MessageDelivery<>(request, handler,
				(timeout) -> new HandlerRunner(handlers, timer, timeout), timer, pubSub::publish,
				(id, verdict) -> verdict);
		this.since = pubSub.now();
	}

	ConsumerGroup group() {
		return this.group;
	}

	Duration grace() {
		return this.request.grace();
	}

	/**
	 * Whether the subscription can take a message. Called under the lock.
	 */
	boolean hasFreeSlot() {
		return this.inFlight < this.request.concurrency();
	}

	boolean isHandling() {
		return this.delivery.isHandling();
	}

	/**
	 * Begin to deliver a message. Called under the lock.
	 */
	void begin(ConsumerGroup.Entry entry) {
		this.inFlight++;
		this.received++;
		this.open.add(entry);
		this.begins.execute(() -> this.delivery.deliver(entry.message().copy(), new Settlement<>() {

			@Override
			protected void onSettled(MessageDelivery.@Nullable Verdict verdict, @Nullable Throwable failure) {
				settled(entry, verdict != null && verdict.acknowledged());
			}

			@Override
			protected void onFree() {
				free();
			}

		}));
	}

	private void settled(ConsumerGroup.Entry entry, boolean acknowledged) {
		synchronized (this.lock) {
			if (!this.open.remove(entry)) {
				return;
			}
			if (acknowledged) {
				this.group.acknowledged();
			}
			else {
				this.pubSub.redeliver(this.group, entry);
			}
		}
	}

	private void free() {
		synchronized (this.lock) {
			this.inFlight--;
			this.pubSub.dispatch(this.group);
		}
		endIfDrained();
	}

	@Override
	public String topic() {
		return this.request.topic();
	}

	@Override
	public StreamStatus status() {
		synchronized (this.lock) {
			StreamStatus.State state = this.state;
			Instant since = this.since;
			String reason = null;
			if (state == StreamStatus.State.ACTIVE) {
				Instant changed = this.pubSub.flowChanged();
				since = changed.isAfter(since) ? changed : since;
				if (this.pubSub.isPaused()) {
					state = StreamStatus.State.WAITING;
					reason = "the component is paused";
				}
			}
			return new StreamStatus(state, reason, 0, this.pubSub.systemTime(since), 0, this.received, this.inFlight);
		}
	}

	private void become(StreamStatus.State state) {
		this.state = state;
		this.since = this.pubSub.now();
	}

	@Override
	public CompletionStage<?> drain(Duration grace) {
		synchronized (this.lock) {
			if (this.state == StreamStatus.State.ACTIVE) {
				become(StreamStatus.State.DRAINING);
				this.pubSub.leave(this);
			}
		}
		this.delivery.finish();
		if (!endIfDrained()) {
			try {
				Future<?> end = this.timer.schedule(this::abandon, grace.toNanos(), TimeUnit.NANOSECONDS);
				this.ended.whenComplete((value, failure) -> end.cancel(false));
			}
			catch (RejectedExecutionException ex) {
				abandon();
			}
		}
		return this.ended;
	}

	private boolean endIfDrained() {
		synchronized (this.lock) {
			if (this.state == StreamStatus.State.DRAINING && this.inFlight == 0) {
				become(StreamStatus.State.CLOSED);
				this.pubSub.forget(this);
			}
			if (this.state != StreamStatus.State.CLOSED) {
				return false;
			}
		}
		this.ended.complete(null);
		return true;
	}

	/**
	 * End the subscription when its grace is over: messages that are still being handled
	 * go back to the group.
	 */
	void abandon() {
		int abandoned;
		synchronized (this.lock) {
			if (this.state == StreamStatus.State.CLOSED) {
				return;
			}
			become(StreamStatus.State.CLOSED);
			this.pubSub.forget(this);
			this.pubSub.leave(this);
			abandoned = this.inFlight;
			this.group.giveBack(this.open);
			this.open.clear();
			this.pubSub.dispatch(this.group);
		}
		if (abandoned > 0) {
			logger.warn("The subscription to topic '{}' of {} ends while {} of its messages are being handled",
					this.request.topic(), this.pubSub, abandoned);
		}
		this.delivery.stop();
		this.ended.complete(null);
	}

	@Override
	public void close() {
		drain(this.request.grace());
		if (!isHandling() && !InMemoryPubSub.await(this.ended, this.request.grace())) {
			abandon();
		}
	}

	@Override
	public String toString() {
		return "Subscription[topic=" + this.request.topic() + ", component=" + this.pubSub.name() + "]";
	}

}
