package dev.pluggable.pubsub;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
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
import dev.pluggable.stream.HandlingListener;
import dev.pluggable.stream.StreamStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pub/sub component that keeps everything in the memory of this process, and has consumer
 * groups, redelivery, expiry and wildcards.
 * <p>
 * <b>Groups.</b> Subscriptions with the same topic and the same {@code consumerID} share
 * its messages; each group gets every message once. The {@code consumerID} is taken from
 * the metadata of the subscription, else from that of the component; without any, all
 * subscriptions to a topic are one group. A group exists from its first subscription on
 * and gets what is published from then on, which is kept while nobody is there to handle
 * it. What is published to a topic without a group is gone. A group whose first
 * subscription has the metadata {@code deletedWhenUnused=true} is gone, with its
 * messages, when its last subscription begins to end.
 * <p>
 * <b>Bounds.</b> A group holds at most {@code maxMessages} (metadata of the component,
 * {@value #DEFAULT_MAX_MESSAGES} by default) that are not done with. If a group is full,
 * publishing to its topic fails, for all groups.
 * <p>
 * <b>Redelivery.</b> A message that was not handled comes again after a while: 50
 * milliseconds, doubling to one second. With a concurrency of 1, messages come in the
 * order in which they were published, but those behind a message that waits for its next
 * delivery do not wait with it.
 * <p>
 * <b>Expiry.</b> A message that was published with the metadata {@code ttlInSeconds} is
 * not delivered later than that; one that is being handled is not affected.
 * <p>
 * <b>Wildcards</b> are those of MQTT: levels of a topic are separated by {@code /},
 * {@code orders/+} matches one level, {@code orders/#} all, and {@code orders} itself.
 * <p>
 * Data are copied on their way in and out. While nothing is to be handled, there are no
 * threads.
 *
 * @since 0.1.0
 */
public final class InMemoryPubSub implements PubSub, Draining, AutoCloseable {

	/** How many messages a group holds unless something else is said. */
	static final int DEFAULT_MAX_MESSAGES = 10_000;

	/** How many groups there can be. They stay, so somebody could make ever more. */
	static final int MAX_GROUPS = 1000;

	/** Metadata of a message: after how many seconds it expires. */
	static final String TTL = "ttlInSeconds";

	/** Metadata of the component: how many messages a group holds. */
	static final String MAX_MESSAGES = "maxMessages";

	/** Metadata of a subscription: whether its group goes with its last subscription. */
	static final String DELETED_WHEN_UNUSED = "deletedWhenUnused";

	private static final Logger logger = LoggerFactory.getLogger(InMemoryPubSub.class);

	private static final Set<String> FEATURES = Set.of(PubSubFeatures.BULK_PUBSUB, PubSubFeatures.MESSAGE_TTL,
			PubSubFeatures.SUBSCRIBE_WILDCARDS);

	private static final String KIND = "pubsub";

	private static final long FIRST_REDELIVERY_MILLIS = 50;

	private static final long LAST_REDELIVERY_MILLIS = 1000;

	private static final long IDLE_THREAD_SECONDS = 5;

	private static final Duration END = Duration.ofSeconds(5);

	/** Longer than this is for ever. */
	private static final long MAX_TTL_SECONDS = Duration.ofDays(36_500).toSeconds();

	private final String name;

	private final String consumerId;

	private final int maxMessages;

	private final Clock clock;

	private final ExecutorService executor;

	private final ScheduledThreadPoolExecutor timer;

	/** Guards all that follows, and the groups and subscriptions themselves. */
	private final Object lock = new Object();

	private final Map<String, List<Group>> groups = new HashMap<>();

	private final List<Group> wildcardGroups = new ArrayList<>();

	private final Set<InMemorySubscription> subscriptions = new LinkedHashSet<>();

	private int groupCount;

	private long published;

	private boolean paused;

	private Instant flowChanged;

	private boolean draining;

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
		this(name, metadata, Clock.systemUTC());
	}

	InMemoryPubSub(String name, Map<String, String> metadata, Clock clock) {
		this.name = name;
		this.consumerId = metadata.getOrDefault(PubSubKind.CONSUMER_ID, "");
		this.maxMessages = maxMessages(metadata.get(MAX_MESSAGES));
		this.clock = clock;
		this.flowChanged = clock.instant();
		String threads = "pluggable-pubsub-" + name;
		this.executor = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_THREAD_SECONDS, TimeUnit.SECONDS,
				new SynchronousQueue<>(), DaemonThreads.numbered(threads + "-"));
		this.timer = new ScheduledThreadPoolExecutor(1, DaemonThreads.numbered(threads + "-timer-"));
		this.timer.setRemoveOnCancelPolicy(true);
		this.timer.setKeepAliveTime(IDLE_THREAD_SECONDS, TimeUnit.SECONDS);
		this.timer.allowCoreThreadTimeOut(true);
	}

	private static int maxMessages(@Nullable String setting) {
		if (setting == null) {
			return DEFAULT_MAX_MESSAGES;
		}
		try {
			int number = Integer.parseInt(setting);
			if (number > 0) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			// Said below.
		}
		throw new InvalidRequestException("Metadata '" + MAX_MESSAGES + "' must be a whole number of at least 1");
	}

	@Override
	public Set<String> features() {
		return FEATURES;
	}

	@Override
	public void publish(PublishRequest request) {
		TopicFilter.requireSingle(request.topic());
		Instant expiry = expiry(request.metadata().get(TTL));
		byte[] data = request.data().clone();
		synchronized (this.lock) {
			requireOpen(this.closed, "Publish");
			List<Group> groups = groups(request.topic());
			groups.forEach(Group::requireRoom);
			long number = ++this.published;
			Published message = new Published(number, new Message(Long.toString(number), request.topic(), data,
					request.contentType(), request.metadata()), expiry);
			for (Group group : groups) {
				group.held++;
				group.ready.add(new Entry(message));
				dispatch(group);
			}
		}
	}

	private @Nullable Instant expiry(@Nullable String ttl) {
		if (ttl == null) {
			return null;
		}
		try {
			long seconds = Long.parseLong(ttl);
			if (seconds > 0) {
				return (seconds <= MAX_TTL_SECONDS) ? this.clock.instant().plusSeconds(seconds) : null;
			}
		}
		catch (NumberFormatException ex) {
			// Said below.
		}
		throw new InvalidRequestException("Metadata '" + TTL + "' must be a whole number of at least 1");
	}

	private List<Group> groups(String topic) {
		List<Group> matching = new ArrayList<>(this.groups.getOrDefault(topic, List.of()));
		for (Group group : this.wildcardGroups) {
			if (group.filter.matches(topic)) {
				matching.add(group);
			}
		}
		return matching;
	}

	private void requireOpen(boolean closed, String operation) {
		if (closed) {
			throw new ComponentUnavailableException(this.name, KIND, operation, "it is closed");
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
						+ "' must not be one of those that are subscribed to by '" + request.topic() + "'");
			}
		}
		String consumerId = request.metadata().getOrDefault(PubSubKind.CONSUMER_ID, this.consumerId);
		boolean temporary = Boolean.parseBoolean(request.metadata().get(DELETED_WHEN_UNUSED));
		InMemorySubscription subscription;
		synchronized (this.lock) {
			requireOpen(this.draining, "Subscribe");
			subscription = new InMemorySubscription(group(filter, consumerId, temporary), request, handler);
			subscription.group.members.add(subscription);
			this.subscriptions.add(subscription);
			dispatch(subscription.group);
		}
		return subscription;
	}

	private Group group(TopicFilter filter, String consumerId, boolean temporary) {
		List<Group> candidates = filter.wildcard() ? this.wildcardGroups
				: this.groups.getOrDefault(filter.topic(), List.of());
		for (Group group : candidates) {
			if (group.filter.equals(filter) && group.consumerId.equals(consumerId)) {
				return group;
			}
		}
		if (this.groupCount == MAX_GROUPS) {
			throw new ComponentException("Subscribe on " + KIND + " component '" + this.name + "': there are "
					+ MAX_GROUPS + " groups of consumers, which is the limit", (Throwable) null);
		}
		this.groupCount++;
		Group group = new Group(filter, consumerId, temporary);
		if (filter.wildcard()) {
			this.wildcardGroups.add(group);
		}
		else {
			this.groups.computeIfAbsent(filter.topic(), (topic) -> new ArrayList<>()).add(group);
		}
		return group;
	}

	/**
	 * A subscription takes no more messages. Called under the lock.
	 */
	private void leave(InMemorySubscription member) {
		Group group = member.group;
		if (!group.members.remove(member) || !group.temporary || !group.members.isEmpty()) {
			return;
		}
		this.groupCount--;
		group.ready.clear();
		if (group.filter.wildcard()) {
			this.wildcardGroups.remove(group);
			return;
		}
		this.groups.computeIfPresent(group.filter.topic(), (topic, groups) -> {
			groups.remove(group);
			return groups.isEmpty() ? null : groups;
		});
	}

	/**
	 * Hand waiting messages to whoever is free. Called under the lock.
	 */
	private void dispatch(Group group) {
		if (this.paused || this.closed) {
			return;
		}
		Instant now = this.clock.instant();
		while (!group.ready.isEmpty()) {
			if (group.ready.element().message.isExpired(now)) {
				group.ready.remove();
				group.held--;
				continue;
			}
			InMemorySubscription member = group.nextFree();
			if (member == null) {
				return;
			}
			member.begin(group.ready.remove());
		}
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
				this.flowChanged = this.clock.instant();
				this.groups.values().forEach((groups) -> groups.forEach((group) -> dispatch(group)));
				this.wildcardGroups.forEach((group) -> dispatch(group));
			}
		}
	}

	/**
	 * End all subscriptions in order, and take no new ones. Publishing goes on.
	 */
	@Override
	public CompletionStage<?> drain(Duration grace) {
		return drainAll((subscription) -> grace);
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
	 * threads. What is left is gone. On a thread that handles a message, the method does
	 * not wait.
	 */
	@Override
	public void close() {
		List<InMemorySubscription> open;
		synchronized (this.lock) {
			open = List.copyOf(this.subscriptions);
		}
		CompletableFuture<?> drained = drainAll((subscription) -> subscription.request.grace());
		if (open.stream().anyMatch((subscription) -> subscription.delivery.isHandling())) {
			drained.whenComplete((value, failure) -> end());
			return;
		}
		Duration longest = open.stream()
			.map((subscription) -> subscription.request.grace())
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
			this.wildcardGroups.clear();
		}
		this.executor.shutdownNow();
		this.timer.shutdownNow();
	}

	/**
	 * Wait for what ends soon after the grace by itself.
	 * @return {@code false} if the thread was interrupted, which it is again
	 */
	private static boolean await(CompletableFuture<?> future, Duration grace) {
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
	 * How many messages are held for a topic by all its groups.
	 */
	int held(String topic) {
		synchronized (this.lock) {
			return groups(topic).stream().mapToInt((group) -> group.held).sum();
		}
	}

	/**
	 * How many topics are known that are not wildcards.
	 */
	int topics() {
		synchronized (this.lock) {
			return this.groups.size();
		}
	}

	@Override
	public String toString() {
		return "in-memory " + KIND + " component '" + this.name + "'";
	}

	/**
	 * A message, the same for all groups.
	 */
	private record Published(long number, Message message, @Nullable Instant expiresAt) {

		private boolean isExpired(Instant now) {
			return this.expiresAt != null && !this.expiresAt.isAfter(now);
		}

		private Message copy() {
			return new Message(this.message.id(), this.message.topic(), this.message.data().clone(),
					this.message.contentType(), this.message.metadata());
		}

	}

	/**
	 * A message in one group.
	 */
	private static final class Entry {

		private final Published message;

		private int deliveries;

		private Entry(Published message) {
			this.message = message;
		}

		private long redeliveryMillis() {
			int doublings = Math.min(this.deliveries - 1, 10);
			return Math.min(LAST_REDELIVERY_MILLIS, FIRST_REDELIVERY_MILLIS << doublings);
		}

	}

	/**
	 * Those who share the messages of a topic.
	 */
	private final class Group {

		private final TopicFilter filter;

		private final String consumerId;

		private final boolean temporary;

		/** Messages to be delivered now, in the order in which they were published. */
		private final PriorityQueue<Entry> ready = new PriorityQueue<>(
				Comparator.comparingLong((entry) -> entry.message.number()));

		private final List<InMemorySubscription> members = new ArrayList<>();

		/** Messages that are not done with: ready, being handled, or to come again. */
		private int held;

		private int turn;

		private Group(TopicFilter filter, String consumerId, boolean temporary) {
			this.filter = filter;
			this.consumerId = consumerId;
			this.temporary = temporary;
		}

		private void requireRoom() {
			if (this.held >= InMemoryPubSub.this.maxMessages) {
				Instant now = InMemoryPubSub.this.clock.instant();
				int size = this.ready.size();
				this.ready.removeIf((entry) -> entry.message.isExpired(now));
				this.held -= size - this.ready.size();
			}
			if (this.held >= InMemoryPubSub.this.maxMessages) {
				throw new ComponentException("Publish on " + KIND + " component '" + InMemoryPubSub.this.name
						+ "': subscribers of topic '" + this.filter.topic() + "'"
						+ (this.consumerId.isEmpty() ? "" : " (consumerID '" + this.consumerId + "')") + " have "
						+ this.held + " messages to handle, which is the limit; it is set by the metadata '"
						+ MAX_MESSAGES + "'", (Throwable) null);
			}
		}

		private @Nullable InMemorySubscription nextFree() {
			for (int i = 0; i < this.members.size(); i++) {
				this.turn = (this.turn + 1) % this.members.size();
				InMemorySubscription member = this.members.get(this.turn);
				if (member.inFlight < member.request.concurrency()) {
					return member;
				}
			}
			return null;
		}

		private void comeAgain(Entry entry) {
			try {
				InMemoryPubSub.this.timer.schedule(() -> {
					synchronized (InMemoryPubSub.this.lock) {
						this.ready.add(entry);
						dispatch(this);
					}
				}, entry.redeliveryMillis(), TimeUnit.MILLISECONDS);
			}
			catch (RejectedExecutionException ex) {
				// Closed, and with it all messages are gone.
			}
		}

	}

	private final class InMemorySubscription implements Subscription {

		private final Group group;

		private final SubscribeRequest request;

		private final MessageDelivery delivery;

		private final Executor begins = new SerialExecutor(InMemoryPubSub.this.executor);

		/** What the group has to get back if it is not handled. */
		private final Set<Entry> open = new LinkedHashSet<>();

		private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

		private StreamStatus.State state = StreamStatus.State.ACTIVE;

		private Instant since = InMemoryPubSub.this.clock.instant();

		private long received;

		/** Messages that take up a place, which is longer than they are open. */
		private int inFlight;

		private InMemorySubscription(Group group, SubscribeRequest request, MessageHandler handler) {
			this.group = group;
			this.request = request;
			Executor executor = (handler instanceof OrderedHandler) ? Runnable::run : InMemoryPubSub.this.executor;
			this.delivery = new MessageDelivery(request, handler, executor, InMemoryPubSub.this.timer,
					InMemoryPubSub.this::publish);
		}

		/**
		 * Begin to deliver a message. Called under the lock, which also decides the
		 * order.
		 */
		private void begin(Entry entry) {
			entry.deliveries++;
			this.inFlight++;
			this.received++;
			this.open.add(entry);
			this.begins.execute(() -> this.delivery.deliver(entry.message.copy(), new HandlingListener<>() {

				@Override
				public void completed(MessageDelivery.Verdict verdict, @Nullable Throwable failure) {
					settle(entry, verdict);
				}

				@Override
				public void ended() {
					free();
				}

			}));
		}

		private void settle(Entry entry, MessageDelivery.Verdict verdict) {
			synchronized (InMemoryPubSub.this.lock) {
				if (!this.open.remove(entry)) {
					return;
				}
				if (verdict.acknowledged()) {
					this.group.held--;
				}
				else {
					this.group.comeAgain(entry);
				}
			}
		}

		private void free() {
			synchronized (InMemoryPubSub.this.lock) {
				this.inFlight--;
				dispatch(this.group);
			}
			endIfDrained();
		}

		@Override
		public String topic() {
			return this.request.topic();
		}

		@Override
		public StreamStatus status() {
			synchronized (InMemoryPubSub.this.lock) {
				StreamStatus.State state = this.state;
				Instant since = this.since;
				String reason = null;
				if (state == StreamStatus.State.ACTIVE) {
					Instant changed = InMemoryPubSub.this.flowChanged;
					since = changed.isAfter(since) ? changed : since;
					if (InMemoryPubSub.this.paused) {
						state = StreamStatus.State.WAITING;
						reason = "the component is paused";
					}
				}
				return new StreamStatus(state, reason, 0, since, 0, this.received, this.inFlight);
			}
		}

		private void become(StreamStatus.State state) {
			this.state = state;
			this.since = InMemoryPubSub.this.clock.instant();
		}

		@Override
		public CompletionStage<?> drain(Duration grace) {
			synchronized (InMemoryPubSub.this.lock) {
				if (this.state == StreamStatus.State.ACTIVE) {
					become(StreamStatus.State.DRAINING);
					leave(this);
				}
			}
			this.delivery.finish();
			if (!endIfDrained()) {
				try {
					Future<?> end = InMemoryPubSub.this.timer.schedule(this::abandon, grace.toNanos(),
							TimeUnit.NANOSECONDS);
					this.ended.whenComplete((value, failure) -> end.cancel(false));
				}
				catch (RejectedExecutionException ex) {
					abandon();
				}
			}
			return this.ended;
		}

		private boolean endIfDrained() {
			synchronized (InMemoryPubSub.this.lock) {
				if (this.state == StreamStatus.State.DRAINING && this.inFlight == 0) {
					become(StreamStatus.State.CLOSED);
					InMemoryPubSub.this.subscriptions.remove(this);
				}
				if (this.state != StreamStatus.State.CLOSED) {
					return false;
				}
			}
			this.ended.complete(null);
			return true;
		}

		/**
		 * The grace is over: what is still being handled goes back to the group.
		 */
		private void abandon() {
			int abandoned;
			synchronized (InMemoryPubSub.this.lock) {
				if (this.state == StreamStatus.State.CLOSED) {
					return;
				}
				become(StreamStatus.State.CLOSED);
				InMemoryPubSub.this.subscriptions.remove(this);
				leave(this);
				abandoned = this.inFlight;
				this.group.ready.addAll(this.open);
				this.open.clear();
				dispatch(this.group);
			}
			if (abandoned > 0) {
				logger.warn("The subscription to topic '{}' of {} ends while {} of its messages are being handled",
						this.request.topic(), InMemoryPubSub.this, abandoned);
			}
			this.delivery.stop();
			this.ended.complete(null);
		}

		@Override
		public void close() {
			drain(this.request.grace());
			if (!this.delivery.isHandling() && !await(this.ended, this.request.grace())) {
				abandon();
			}
		}

		@Override
		public String toString() {
			return "Subscription[topic=" + this.request.topic() + ", component=" + InMemoryPubSub.this.name + "]";
		}

	}

}
