package dev.pluggable.pubsub;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

import org.jspecify.annotations.Nullable;

/**
 * The subscriptions that share the messages of a topic, and the messages that wait for
 * them. Not safe for use by many threads: the {@link InMemoryPubSub} guards it.
 */
final class ConsumerGroup {

	private static final long FIRST_REDELIVERY_MILLIS = 50;

	private static final long LAST_REDELIVERY_MILLIS = 1000;

	private static final int MAX_DOUBLINGS = 10;

	private final TopicFilter filter;

	private final String consumerId;

	private final boolean temporary;

	/** The messages to deliver now, in the order of publishing. */
	private final PriorityQueue<Entry> ready = new PriorityQueue<>(
			Comparator.comparingLong((entry) -> entry.message.number()));

	private final List<InMemorySubscription> members = new ArrayList<>();

	/** The messages that are ready, being handled, or waiting for their redelivery. */
	private int held;

	private int turn;

	/**
	 * Create a group without members.
	 * @param temporary whether the group ends with its last member
	 */
	ConsumerGroup(TopicFilter filter, String consumerId, boolean temporary) {
		this.filter = filter;
		this.consumerId = consumerId;
		this.temporary = temporary;
	}

	TopicFilter filter() {
		return this.filter;
	}

	boolean matches(TopicFilter filter, String consumerId) {
		return this.filter.equals(filter) && this.consumerId.equals(consumerId);
	}

	void join(InMemorySubscription member) {
		this.members.add(member);
	}

	/**
	 * Remove a member, if it is one.
	 * @return whether the group has ended, together with its messages
	 */
	boolean leave(InMemorySubscription member) {
		boolean ends = this.members.remove(member) && this.temporary && this.members.isEmpty();
		if (ends) {
			this.ready.clear();
		}
		return ends;
	}

	/**
	 * Add a message.
	 */
	void add(StoredMessage message) {
		this.held++;
		this.ready.add(new Entry(message));
	}

	/**
	 * Look at the next message, and forget messages that have expired.
	 * @return the message, {@code null} if no message is ready
	 */
	@Nullable Entry peek(Instant now) {
		Entry next = this.ready.peek();
		while (next != null && next.message.isExpired(now)) {
			this.ready.remove();
			this.held--;
			next = this.ready.peek();
		}
		return next;
	}

	/**
	 * Take the message that {@link #peek} has shown.
	 */
	Entry take() {
		Entry entry = this.ready.remove();
		entry.deliveries++;
		return entry;
	}

	/**
	 * Forget a message that is acknowledged.
	 */
	void acknowledged() {
		this.held--;
	}

	/**
	 * Make messages ready that no member handles any more.
	 */
	void giveBack(Collection<Entry> entries) {
		this.ready.addAll(entries);
	}

	/**
	 * The member that has a free slot and whose turn it is.
	 * @return the member, {@code null} if no member has a free slot
	 */
	@Nullable InMemorySubscription nextFree() {
		for (int i = 0; i < this.members.size(); i++) {
			this.turn = (this.turn + 1) % this.members.size();
			InMemorySubscription member = this.members.get(this.turn);
			if (member.hasFreeSlot()) {
				return member;
			}
		}
		return null;
	}

	/**
	 * Whether the group holds as many messages as it may, without those that have
	 * expired.
	 */
	boolean isFull(Retention retention) {
		if (this.held >= retention.maxMessages()) {
			Instant now = retention.clock().instant();
			int size = this.ready.size();
			this.ready.removeIf((entry) -> entry.message.isExpired(now));
			this.held -= size - this.ready.size();
		}
		return this.held >= retention.maxMessages();
	}

	int held() {
		return this.held;
	}

	@Override
	public String toString() {
		return "subscribers of topic '" + this.filter.topic() + "'"
				+ (this.consumerId.isEmpty() ? "" : " (consumerID '" + this.consumerId + "')");
	}

	/**
	 * A message in one group.
	 */
	static final class Entry {

		private final StoredMessage message;

		private int deliveries;

		private Entry(StoredMessage message) {
			this.message = message;
		}

		StoredMessage message() {
			return this.message;
		}

		/**
		 * The delay before the next delivery, which doubles with each.
		 */
		long redeliveryMillis() {
			int doublings = Math.min(this.deliveries - 1, MAX_DOUBLINGS);
			return Math.min(LAST_REDELIVERY_MILLIS, FIRST_REDELIVERY_MILLIS << doublings);
		}

	}

}
