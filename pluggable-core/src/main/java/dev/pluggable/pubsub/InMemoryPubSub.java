package dev.pluggable.pubsub;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import dev.pluggable.ComponentException;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Draining;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.internal.support.Checks;
import dev.pluggable.internal.support.DaemonThreads;
import dev.pluggable.internal.support.MonotonicClock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pub/sub component in the memory of this process, with consumer groups, redelivery,
 * expiry and wildcards.
 * <p>
 * <b>Groups.</b> Subscriptions with the same topic and the same {@code consumerID} are a
 * group, which receives each message once. The {@code consumerID} is in the metadata of
 * the subscription, otherwise in the metadata of the component; without any, all
 * subscriptions to a topic are one group. A group begins with its first subscription and
 * keeps the messages that are published from then on, also while it has no subscription.
 * A message to a topic without a group is lost. If the first subscription of a group has
 * the metadata {@code deletedWhenUnused=true}, the group and its messages end as soon as
 * its last subscription takes no more messages.
 * <p>
 * <b>Limits.</b> A group holds at most {@code maxMessages} messages (metadata of the
 * component, 10,000 by default) that are not acknowledged. If one group of a topic is
 * full, publishing to the topic fails for all groups.
 * <p>
 * <b>Redelivery.</b> A message that was not handled is delivered again after a delay of
 * 50 milliseconds, which doubles up to one second. A subscription with a concurrency of 1
 * receives messages in the order of publishing, but a message that waits for its
 * redelivery does not delay the messages behind it.
 * <p>
 * <b>Expiry.</b> The metadata {@code ttlInSeconds} of a message limits the time until its
 * delivery begins.
 * <p>
 * <b>Wildcards</b> are those of MQTT: {@code /} separates the levels of a topic,
 * {@code orders/+} matches one level, {@code orders/#} matches {@code orders} itself and
 * all levels below.
 * <p>
 * The component copies data when it takes and when it delivers a message. It has no
 * threads while there is nothing to handle. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class InMemoryPubSub implements PubSub, Draining, AutoCloseable {

	/** Metadata of a subscription: whether its group ends with its last subscription. */
	static final String DELETED_WHEN_UNUSED = "deletedWhenUnused";

	private static final Logger logger = LoggerFactory.getLogger(InMemoryPubSub.class);

	private static final Set<String> FEATURES = Set.of(PubSubFeatures.BULK_PUBSUB, PubSubFeatures.MESSAGE_TTL,
			PubSubFeatures.SUBSCRIBE_WILDCARDS);

	private static final String KIND = "pubsub";

	private static final long IDLE_THREAD_SECONDS = 5;

	/** Time to end beyond the grace. */
	private static final Duration END = Duration.ofSeconds(5);

	/** A smaller difference of two clocks is inaccuracy. */
	private static final Duration INACCURACY = Duration.ofSeconds(1);

	private final String name;

	private final Clock systemClock;

	private final String consumerId;

	private final Retention retention;

	private final ExecutorService executor;

	private final ScheduledThreadPoolExecutor timer;

	/** Guards all fields that follow, the groups, and the subscriptions. */
	private final Object lock = new Object();

	private final ConsumerGroups groups = new ConsumerGroups();

	private final Set<InMemorySubscription> subscriptions = new LinkedHashSet<>();

	private long published;

	private boolean paused;

	private Instant flowChanged;

	private boolean draining;

	private boolean closing;

	private boolean closed;

	/**
	 * Create a component without settings.
	 */
	public InMemoryPubSub() {
		this(ComponentKind.IN_MEMORY, Map.of());
	}

	/**
	 * Create a component.
	 * @param name name of the component, for messages and threads
	 * @param metadata settings of the component: {@code consumerID} and
	 * {@code maxMessages}; others are ignored
	 * @throws InvalidRequestException if {@code maxMessages} is not a positive number
	 */
	public InMemoryPubSub(String name, Map<String, String> metadata) {
		this(name, metadata, new MonotonicClock(), Clock.systemUTC());
	}

	InMemoryPubSub(String name, Map<String, String> metadata, Clock clock, Clock systemClock) {
		this.name = name;
		this.systemClock = systemClock;
		this.consumerId = metadata.getOrDefault(PubSubKind.CONSUMER_ID, "");
		this.retention = Retention.of(metadata, clock);
		this.flowChanged = clock.instant();
		String threads = "pluggable-pubsub-" + name;
		this.executor = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_THREAD_SECONDS, TimeUnit.SECONDS,
				new SynchronousQueue<>(), DaemonThreads.numbered(threads + "-"));
		this.timer = new ScheduledThreadPoolExecutor(1, DaemonThreads.numbered(threads + "-timer-"));
		this.timer.setRemoveOnCancelPolicy(true);
		this.timer.setKeepAliveTime(IDLE_THREAD_SECONDS, TimeUnit.SECONDS);
		this.timer.allowCoreThreadTimeOut(true);
	}

	@Override
	public Set<String> features() {
		return FEATURES;
	}

	String name() {
		return this.name;
	}

	Instant now() {
		return this.retention.clock().instant();
	}

	/**
	 * Tell a moment of {@link #now()} by the system clock as it is now, so that the age
	 * of what began at this moment is right also after somebody has set the system clock.
	 */
	Instant systemTime(Instant moment) {
		Duration ahead = Duration.between(now(), this.systemClock.instant());
		return (ahead.abs().compareTo(INACCURACY) < 0) ? moment : moment.plus(ahead);
	}

	@Override
	public void publish(PublishRequest request) {
		TopicFilter.requireSingle(request.topic());
		Instant expiry = this.retention.expiry(request.metadata());
		byte[] data = request.data().clone();
		synchronized (this.lock) {
			requireOpen(this.closed, "Publish");
			List<ConsumerGroup> receiving = this.groups.receiving(request.topic());
			receiving.forEach(this::requireRoom);
			long number = ++this.published;
			StoredMessage message = new StoredMessage(number, new Message(Long.toString(number), request.topic(), data,
					request.contentType(), request.metadata()), expiry);
			for (ConsumerGroup group : receiving) {
				group.add(message);
				dispatch(group);
			}
		}
	}

	private void requireOpen(boolean closed, String operation) {
		if (closed) {
			throw new ComponentUnavailableException(this.name, KIND, operation, "it is closed");
		}
	}

	private void requireRoom(ConsumerGroup group) {
		if (group.isFull(this.retention)) {
			throw new ComponentException("Publish on " + KIND + " component '" + this.name + "': " + group + " have "
					+ group.held() + " messages to handle, which is the limit; it is set by the metadata '"
					+ Retention.MAX_MESSAGES + "'", (Throwable) null);
		}
	}

	@Override
	public Subscription subscribe(SubscribeRequest request, MessageHandler handler) {
		Checks.notNull(handler, "handler");
		TopicFilter filter = TopicFilter.of(request.topic());
		String deadLetterTopic = request.deadLetterTopic();
		if (deadLetterTopic != null) {
			TopicFilter.requireSingle(deadLetterTopic);
			if (filter.matches(deadLetterTopic)) {
				throw new InvalidRequestException("Dead-letter topic '" + deadLetterTopic
						+ "' must not match the subscribed topic '" + request.topic() + "'");
			}
		}
		String consumerId = request.metadata().getOrDefault(PubSubKind.CONSUMER_ID, this.consumerId);
		boolean temporary = Boolean.parseBoolean(request.metadata().get(DELETED_WHEN_UNUSED));
		synchronized (this.lock) {
			requireOpen(this.draining, "Subscribe");
			ConsumerGroup group = group(filter, consumerId, temporary);
			InMemorySubscription subscription = new InMemorySubscription(this, this.lock, group, request, handler,
					this.executor, this.timer);
			group.join(subscription);
			this.subscriptions.add(subscription);
			dispatch(group);
			return subscription;
		}
	}

	private ConsumerGroup group(TopicFilter filter, String consumerId, boolean temporary) {
		ConsumerGroup known = this.groups.find(filter, consumerId);
		if (known != null) {
			return known;
		}
		if (this.groups.isFull()) {
			throw new ComponentException("Subscribe on " + KIND + " component '" + this.name + "': there are "
					+ ConsumerGroups.MAX + " groups of consumers, which is the limit", (Throwable) null);
		}
		ConsumerGroup group = new ConsumerGroup(filter, consumerId, temporary);
		this.groups.add(group);
		return group;
	}

	/**
	 * Give no more messages to a subscription. Called under the lock.
	 */
	void leave(InMemorySubscription member) {
		if (member.group().leave(member)) {
			this.groups.remove(member.group());
		}
	}

	/**
	 * Forget a subscription that has ended. Called under the lock.
	 */
	void forget(InMemorySubscription subscription) {
		this.subscriptions.remove(subscription);
	}

	/**
	 * Give ready messages to subscriptions with a free slot. Called under the lock.
	 */
	void dispatch(ConsumerGroup group) {
		if (this.paused || this.closed) {
			return;
		}
		Instant now = now();
		while (group.peek(now) != null) {
			InMemorySubscription member = group.nextFree();
			if (member == null) {
				return;
			}
			member.begin(group.take());
		}
	}

	/**
	 * Deliver a message again after a while. Called under the lock.
	 */
	void redeliver(ConsumerGroup group, ConsumerGroup.Entry entry) {
		try {
			this.timer.schedule(() -> {
				synchronized (this.lock) {
					group.giveBack(List.of(entry));
					dispatch(group);
				}
			}, entry.redeliveryMillis(), TimeUnit.MILLISECONDS);
		}
		catch (RejectedExecutionException ex) {
			// A closed component has no messages.
		}
	}

	/**
	 * Whether deliveries are paused. Called under the lock.
	 */
	boolean isPaused() {
		return this.paused;
	}

	/**
	 * The moment of the last pause or resumption. Called under the lock.
	 */
	Instant flowChanged() {
		return this.flowChanged;
	}

	@Override
	public void pause() {
		flow(true);
	}

	@Override
	public void resume() {
		flow(false);
	}

	private void flow(boolean paused) {
		synchronized (this.lock) {
			if (this.paused != paused) {
				this.paused = paused;
				this.flowChanged = now();
				this.groups.forEach(this::dispatch);
			}
		}
	}

	/**
	 * End all subscriptions in order, and take no new ones meanwhile. Publishing stays
	 * possible. New subscriptions are possible afterwards, because a server that serves
	 * this object can start again.
	 */
	@Override
	public CompletionStage<?> drain(Duration grace) {
		return drainAll((subscription) -> grace).whenComplete((value, failure) -> {
			synchronized (this.lock) {
				this.draining = this.closing;
			}
		});
	}

	private CompletableFuture<?> drainAll(Function<InMemorySubscription, Duration> grace) {
		List<InMemorySubscription> open;
		synchronized (this.lock) {
			this.draining = true;
			open = List.copyOf(this.subscriptions);
		}
		return CompletableFuture.allOf(open.stream()
			.map((subscription) -> subscription.drain(grace.apply(subscription)).toCompletableFuture())
			.toArray(CompletableFuture<?>[]::new));
	}

	/**
	 * End all subscriptions in order, each within the grace of its request, and then all
	 * threads. Messages that are not acknowledged are lost. On a thread that handles a
	 * message, the method does not wait.
	 */
	@Override
	public void close() {
		List<InMemorySubscription> open;
		synchronized (this.lock) {
			this.closing = true;
			open = List.copyOf(this.subscriptions);
		}
		CompletableFuture<?> drained = drainAll(InMemorySubscription::grace);
		if (open.stream().anyMatch(InMemorySubscription::isHandling)) {
			drained.whenComplete((value, failure) -> end());
			return;
		}
		Duration longest = open.stream()
			.map(InMemorySubscription::grace)
			.max(Comparator.naturalOrder())
			.orElse(Duration.ZERO);
		if (!await(drained, longest)) {
			open.forEach(InMemorySubscription::abandon);
		}
		end();
		boolean interrupted = Thread.interrupted();
		try {
			this.executor.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS);
			this.timer.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			interrupted = true;
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private void end() {
		synchronized (this.lock) {
			this.closed = true;
			this.groups.clear();
		}
		this.executor.shutdownNow();
		this.timer.shutdownNow();
	}

	/**
	 * Wait for the end of subscriptions, which have ended soon after the grace.
	 * @return {@code false} if the thread was interrupted, which it then is again
	 */
	static boolean await(CompletableFuture<?> future, Duration grace) {
		try {
			future.get(grace.plus(END).toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.warn("A subscription did not end in order", ex);
		}
		return true;
	}

	/**
	 * The number of messages that all groups of a topic hold.
	 */
	int held(String topic) {
		synchronized (this.lock) {
			return this.groups.receiving(topic).stream().mapToInt(ConsumerGroup::held).sum();
		}
	}

	/**
	 * The number of topics with a group, without wildcards.
	 */
	int topics() {
		synchronized (this.lock) {
			return this.groups.topics();
		}
	}

	@Override
	public String toString() {
		return "in-memory " + KIND + " component '" + this.name + "'";
	}

}
