package dev.pluggable.benchmarks.soak;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.pubsub.Message;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.pubsub.Subscription;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.jspecify.annotations.Nullable;

/**
 * The load of one component: writers, a reader, a publisher and a subscription, and the
 * accounts of a plugin that creates them. Remembers what the component has acknowledged.
 */
final class Load {

	private static final int WRITERS = 2;

	private static final int CONCURRENCY = 4;

	static final String TOPIC = "soak";

	/** The handler refuses one of so many messages at the first time. */
	private static final int REFUSED = 50;

	private static final int LONGEST_PAUSE = 60;

	/** The longest time until a value can be read at the end. */
	private static final long READ_MILLIS = 10_000;

	/** Distinguishes the keys and messages of this load from those of an earlier one. */
	private final String prefix = Long.toString(System.nanoTime(), Character.MAX_RADIX) + "-";

	private final String target;

	private final StateStore store;

	private final PubSub broker;

	private final Journal journal;

	private final Pauses pauses;

	private final CallMeter meter;

	private final List<Thread> threads = new ArrayList<>();

	/** The current key of each writer. */
	private final Map<Integer, Key> current = new ConcurrentHashMap<>();

	private final List<Key> retired = new CopyOnWriteArrayList<>();

	private final AtomicLong lastMessage = new AtomicLong();

	private final Set<String> accepted = ConcurrentHashMap.newKeySet();

	private final Set<String> notSent = ConcurrentHashMap.newKeySet();

	private final Map<String, Integer> handled = new ConcurrentHashMap<>();

	private final Set<String> refused = ConcurrentHashMap.newKeySet();

	private final Subscription subscription;

	private final @Nullable AccountLoad accounts;

	private volatile boolean stopped;

	/**
	 * Begin to load a component.
	 */
	Load(Target component, ComponentHost host, Ledger ledger, Journal journal, Pauses pauses) {
		this.target = component.name();
		this.store = host.registry().find(StateStoreKind.INSTANCE, component.stateName()).orElseThrow().instance();
		this.broker = host.registry().find(PubSubKind.INSTANCE, component.pubSubName()).orElseThrow().instance();
		this.journal = journal;
		this.pauses = pauses;
		this.meter = new CallMeter(this.target, journal, pauses);
		this.subscription = this.broker.subscribe(SubscribeRequest.of(TOPIC).withConcurrency(CONCURRENCY),
				this::handle);
		for (int i = 0; i < WRITERS; i++) {
			int writer = i;
			this.current.put(writer, new Key(this.prefix + writer, 0, 0, 0));
			begin("writer" + i, () -> write(writer));
		}
		begin("reader", this::read);
		begin("publisher", () -> publish("m"));
		AccountLoad accounts = host.registry()
			.find(AccountKind.INSTANCE, component.accountsName())
			.map((factory) -> new AccountLoad(this.target, factory.instance(), ledger, this.meter, journal))
			.orElse(null);
		this.accounts = accounts;
		if (accounts != null) {
			begin("accounts", accounts::addToAll);
			begin("short-accounts", accounts::openAndClose);
		}
	}

	private void begin(String name, Runnable step) {
		Thread thread = new Thread(() -> {
			while (!this.stopped) {
				step.run();
				pause();
			}
		}, "soak-" + this.target + "-" + name);
		thread.setUncaughtExceptionHandler((failed, ex) -> this.journal.violated(Journal.Promise.PROGRAM, this.target,
				failed.getName() + " ended with " + ex));
		this.threads.add(thread);
		thread.start();
	}

	private static void pause() {
		try {
			TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(LONGEST_PAUSE));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Write the next value of a key. An uncertain write could arrive after a later one,
	 * so the writer continues with another key then.
	 */
	private void write(int writer) {
		Key key = key(writer);
		long value = key.last() + 1;
		byte[] bytes = Long.toString(value).getBytes(StandardCharsets.UTF_8);
		switch (this.meter.call("a write", () -> this.store.set(key.name(), bytes))) {
			case SUCCEEDED -> this.current.put(writer, new Key(key.writer(), key.number(), value, value));
			case NOT_SENT -> this.current.put(writer, new Key(key.writer(), key.number(), key.acknowledged(), value));
			case UNCERTAIN -> {
				this.retired.add(new Key(key.writer(), key.number(), key.acknowledged(), value));
				this.current.put(writer, new Key(key.writer(), key.number() + 1, 0, 0));
			}
		}
	}

	private Key key(int writer) {
		Key key = this.current.get(writer);
		if (key == null) {
			throw new IllegalStateException("There is no writer " + writer);
		}
		return key;
	}

	private void read() {
		Key key = key(ThreadLocalRandom.current().nextInt(WRITERS));
		this.meter.call("a read", () -> {
			long value = value(key);
			if (value < key.acknowledged()) {
				this.journal.violated(Journal.Promise.WRITES, this.target, "key " + key.name() + " has value " + value
						+ ", although " + key.acknowledged() + " was acknowledged before the read");
			}
		});
	}

	private long value(Key key) {
		return this.store.get(key.name())
			.map(StateItem::value)
			.filter((value) -> value.length > 0)
			.map((value) -> Long.parseLong(new String(value, StandardCharsets.UTF_8)))
			.orElse(0L);
	}

	/**
	 * Publish a message.
	 * @param kind the begin of its text
	 * @return the text if the component has accepted the message, otherwise an empty text
	 */
	String publish(String kind) {
		String text = kind + this.prefix + this.lastMessage.incrementAndGet();
		switch (this.meter.call("a publication",
				() -> this.broker.publish(TOPIC, text.getBytes(StandardCharsets.UTF_8)))) {
			case SUCCEEDED -> {
				this.accepted.add(text);
				return text;
			}
			case NOT_SENT -> this.notSent.add(text);
			case UNCERTAIN -> {
			}
		}
		return "";
	}

	private MessageOutcome handle(Message message) throws InterruptedException {
		String text = new String(message.data(), StandardCharsets.UTF_8);
		ThreadLocalRandom random = ThreadLocalRandom.current();
		TimeUnit.MILLISECONDS.sleep(random.nextInt(5));
		if (random.nextInt(REFUSED) == 0 && this.refused.add(text)) {
			return MessageOutcome.RETRY;
		}
		this.handled.merge(text, 1, Integer::sum);
		return MessageOutcome.ACK;
	}

	boolean isHandled(String message) {
		return this.handled.containsKey(message);
	}

	@Nullable AccountLoad accounts() {
		return this.accounts;
	}

	CallMeter meter() {
		return this.meter;
	}

	/**
	 * End the calls. Messages are still handled.
	 */
	void stop() throws InterruptedException {
		this.stopped = true;
		for (Thread thread : this.threads) {
			thread.join();
		}
	}

	/**
	 * Verify all values.
	 * @return number of keys
	 */
	int verifyValues() throws InterruptedException {
		for (Key key : this.retired) {
			verify(key, Set.of(key.acknowledged(), key.last()));
		}
		for (Key key : this.current.values()) {
			verify(key, Set.of(key.acknowledged()));
		}
		return this.retired.size() + this.current.size();
	}

	/**
	 * Verify the value of a key.
	 * @param possible the last acknowledged value, and the value of a later write that
	 * perhaps took effect
	 */
	private void verify(Key key, Set<Long> possible) throws InterruptedException {
		long[] value = new long[1];
		if (!this.pauses.await(READ_MILLIS,
				() -> this.meter.call("a read", () -> value[0] = value(key)) == CallMeter.Outcome.SUCCEEDED)) {
			this.journal.violated(Journal.Promise.RECOVERY, this.target,
					"at the end, a key cannot be read: " + this.meter.lastFailure());
		}
		else if (value[0] < key.acknowledged()) {
			this.journal.violated(Journal.Promise.WRITES, this.target, "at the end, key " + key.name() + " has value "
					+ value[0] + ", although " + key.acknowledged() + " was acknowledged");
		}
		else if (!possible.contains(value[0])) {
			this.journal.violated(Journal.Promise.REFUSED, this.target, "at the end, key " + key.name() + " has value "
					+ value[0] + ", although this write was reported as not sent; possible are " + possible);
		}
	}

	/**
	 * Wait for messages that are not handled yet, and verify all messages.
	 */
	void verifyMessages(long millis) throws InterruptedException {
		this.pauses.await(millis, () -> this.handled.keySet().containsAll(this.accepted));
		List<String> missing = this.accepted.stream().filter((text) -> !isHandled(text)).toList();
		if (!missing.isEmpty()) {
			this.journal.violated(Journal.Promise.MESSAGES, this.target,
					missing.size() + " accepted messages were not handled: "
							+ missing.subList(0, Math.min(10, missing.size())) + "; the subscription is "
							+ this.subscription.status());
		}
		List<String> sent = this.notSent.stream().filter(this::isHandled).toList();
		if (!sent.isEmpty()) {
			this.journal.violated(Journal.Promise.REFUSED, this.target,
					"messages were handled, although they were reported as not sent: " + sent);
		}
	}

	String subscriptionStatus() {
		return this.subscription.status().toString();
	}

	int accepted() {
		return this.accepted.size();
	}

	int handled() {
		return this.handled.size();
	}

	/**
	 * Return how many messages were handled more than once.
	 */
	long repeated() {
		return this.handled.values().stream().filter((times) -> times > 1).count();
	}

	/**
	 * Verify what the accounts have recorded.
	 */
	void verifyAccounts() {
		if (this.accounts != null) {
			this.accounts.verify();
		}
	}

	void close() {
		this.subscription.close();
		if (this.accounts != null) {
			this.accounts.close();
		}
	}

	/**
	 * A key and what is known about its value.
	 *
	 * @param writer the writer
	 * @param number number of the key
	 * @param acknowledged the last acknowledged value, 0 if there is none
	 * @param last the last value that the writer tried to write
	 */
	private record Key(String writer, int number, long acknowledged, long last) {

		String name() {
			return "w" + this.writer + "-" + this.number;
		}

	}

}
