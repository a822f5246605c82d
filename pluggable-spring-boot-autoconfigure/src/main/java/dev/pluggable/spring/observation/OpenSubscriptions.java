package dev.pluggable.spring.observation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

import dev.pluggable.observation.ObservedSubscription;
import dev.pluggable.stream.StreamStatus;

/**
 * The subscriptions of the application, added up by component and topic. Safe for use by
 * many threads.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class OpenSubscriptions {

	/**
	 * Topics that are values of a key by their own name.
	 */
	static final int MAX_TOPICS = 100;

	private final BoundedValues topics = new BoundedValues(MAX_TOPICS);

	private final Map<Key, Group> groups = new ConcurrentHashMap<>();

	private final List<BiConsumer<Key, Group>> listeners = new CopyOnWriteArrayList<>();

	/**
	 * Create an object without subscriptions.
	 */
	public OpenSubscriptions() {
	}

	/**
	 * Add a subscription.
	 * @param subscription the subscription, which is forgotten when it has ended
	 */
	public void add(ObservedSubscription subscription) {
		Key key = new Key(subscription.component(), this.topics.value(subscription.topic()));
		boolean[] created = new boolean[1];
		Group group = this.groups.computeIfAbsent(key, (absent) -> {
			created[0] = true;
			return new Group();
		});
		group.add(subscription);
		if (created[0]) {
			this.listeners.forEach((listener) -> listener.accept(key, group));
		}
	}

	/**
	 * Hear of each group of subscriptions, also of those that exist.
	 * @param listener receives each group, which never ends; may receive a group twice
	 */
	void onGroup(BiConsumer<Key, Group> listener) {
		this.listeners.add(listener);
		this.groups.forEach(listener);
	}

	/**
	 * The component and the topic of a group.
	 */
	record Key(String component, String topic) {
	}

	/**
	 * The subscriptions to one topic of a component.
	 */
	static final class Group {

		private final List<Tracked> open = new ArrayList<>();

		/**
		 * How often the streams of subscriptions that have ended were opened.
		 */
		private long ended;

		private synchronized void add(ObservedSubscription subscription) {
			look();
			this.open.add(new Tracked(subscription));
		}

		/**
		 * Look at all subscriptions, and forget those that have ended.
		 */
		private void look() {
			this.open.removeIf((tracked) -> {
				boolean closed = tracked.look();
				if (closed) {
					this.ended += tracked.openings;
				}
				return closed;
			});
		}

		/**
		 * The number of messages that are being handled.
		 */
		synchronized int busy() {
			look();
			return this.open.stream().mapToInt((tracked) -> tracked.busy).sum();
		}

		/**
		 * The number of further messages that could be handled at the same time.
		 */
		synchronized int waiting() {
			look();
			return this.open.stream()
				.mapToInt((tracked) -> Math.max(0, tracked.subscription.concurrency() - tracked.busy))
				.sum();
		}

		/**
		 * How often streams were opened, which never decreases.
		 */
		synchronized long openings() {
			look();
			return this.ended + this.open.stream().mapToLong((tracked) -> tracked.openings).sum();
		}

	}

	/**
	 * One subscription as it was when somebody looked last.
	 */
	private static final class Tracked {

		private final ObservedSubscription subscription;

		private int busy;

		private long openings;

		Tracked(ObservedSubscription subscription) {
			this.subscription = subscription;
		}

		/**
		 * Look at the subscription.
		 * @return whether it has ended
		 */
		private boolean look() {
			StreamStatus status = this.subscription.status().get();
			this.busy = status.inFlight();
			boolean opened = status.generation() > 0 || status.state() == StreamStatus.State.ACTIVE;
			this.openings = Math.max(this.openings, status.reconnects() + (opened ? 1 : 0));
			return status.state() == StreamStatus.State.CLOSED;
		}

	}

}
