package dev.pluggable.state;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.StampedLock;

import dev.pluggable.internal.support.MonotonicClock;
import org.jspecify.annotations.Nullable;

/**
 * A state store in the memory of this process, with etags, expiry, transactions and
 * queries.
 * <p>
 * The store copies values when it takes and when it returns them. A reader that sees one
 * change of a transaction sees all of them. An expired value is not found; the next
 * change of any key frees its memory. Changes of the system clock do not matter for
 * expiry. A change whose etag does not match fails for each {@link Concurrency}. Queries
 * treat values as JSON: a value that is not JSON, or without the property, meets no
 * condition and is sorted to the end; a condition with another type than the property
 * does not match. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class InMemoryStateStore implements StateStore {

	private static final Set<String> FEATURES = Set.of(StateFeatures.ETAG, StateFeatures.TRANSACTIONAL,
			StateFeatures.QUERY_API, StateFeatures.TTL);

	/** Years in RFC 3339 have four digits. */
	private static final Instant LATEST_EXPIRY = Instant.parse("9999-12-31T23:59:59Z");

	private static final Duration INACCURACY = Duration.ofSeconds(1);

	/** Decides about expiry. Nobody sets this clock. */
	private final Clock clock;

	/** Tells callers about expiry. */
	private final Clock systemClock;

	private final StampedLock lock = new StampedLock();

	private final Map<String, Entry> entries = new ConcurrentHashMap<>();

	/** The moments of expiry, the earliest first. Guarded by the write lock. */
	private final TreeSet<Expiry> expiries = new TreeSet<>(
			Comparator.comparing(Expiry::at).thenComparing(Expiry::version));

	/** Version of the latest write. Guarded by the write lock. */
	private long version;

	/**
	 * Create an empty store.
	 */
	public InMemoryStateStore() {
		this(new MonotonicClock(), Clock.systemUTC());
	}

	InMemoryStateStore(Clock clock, Clock systemClock) {
		this.clock = clock;
		this.systemClock = systemClock;
	}

	/**
	 * How far the system clock is ahead of the clock that decides about expiry. A
	 * difference below a second is inaccuracy.
	 */
	private Duration ahead() {
		Duration ahead = Duration.between(this.clock.instant(), this.systemClock.instant());
		return (ahead.abs().compareTo(INACCURACY) < 0) ? Duration.ZERO : ahead;
	}

	@Override
	public Set<String> features() {
		return FEATURES;
	}

	@Override
	public Optional<StateItem> get(GetRequest request) {
		Entry entry = read(request.key());
		if (entry == null || entry.isExpired(this.clock.instant())) {
			return Optional.empty();
		}
		return Optional.of(toItem(entry, request.key(), entry.value().clone()));
	}

	private StateItem toItem(Entry entry, String key, byte[] value) {
		Instant expiry = entry.expiresAt();
		Map<String, String> metadata = (expiry != null) ? Map.of(StateItem.TTL_EXPIRE_TIME,
				DateTimeFormatter.ISO_INSTANT.format(earliest(expiry.plus(ahead())))) : Map.of();
		return new StateItem(key, value, entry.etag(), entry.contentType(), metadata);
	}

	private static Instant earliest(Instant expiry) {
		return expiry.isBefore(LATEST_EXPIRY) ? expiry : LATEST_EXPIRY;
	}

	private @Nullable Entry read(String key) {
		long stamp = this.lock.tryOptimisticRead();
		if (stamp != 0) {
			Entry entry = this.entries.get(key);
			if (this.lock.validate(stamp)) {
				return entry;
			}
		}
		// A change is going on. The value is certain when the change has ended.
		stamp = this.lock.readLock();
		try {
			return this.entries.get(key);
		}
		finally {
			this.lock.unlockRead(stamp);
		}
	}

	@Override
	public void set(SetRequest request) {
		byte[] value = request.value().clone();
		long stamp = this.lock.writeLock();
		try {
			Instant now = evictExpired();
			put(request.key(), change(request, value, this.entries.get(request.key()), now));
		}
		finally {
			this.lock.unlockWrite(stamp);
		}
	}

	@Override
	public void delete(DeleteRequest request) {
		long stamp = this.lock.writeLock();
		try {
			evictExpired();
			check(request.key(), request.etag(), request.concurrency(), this.entries.get(request.key()));
			remove(request.key());
		}
		finally {
			this.lock.unlockWrite(stamp);
		}
	}

	@Override
	public void transact(TransactionRequest request) {
		long stamp = this.lock.writeLock();
		try {
			Instant now = evictExpired();
			Map<String, Optional<Entry>> changes = new LinkedHashMap<>();
			for (StateOperation operation : request.operations()) {
				Optional<Entry> changed = changes.get(operation.key());
				Entry current = (changed != null) ? changed.orElse(null) : this.entries.get(operation.key());
				if (operation instanceof SetRequest set) {
					changes.put(set.key(), Optional.of(change(set, set.value().clone(), current, now)));
				}
				else if (operation instanceof DeleteRequest delete) {
					check(delete.key(), delete.etag(), delete.concurrency(), current);
					changes.put(delete.key(), Optional.empty());
				}
			}
			changes.forEach((key, entry) -> entry.ifPresentOrElse((present) -> put(key, present), () -> remove(key)));
		}
		finally {
			this.lock.unlockWrite(stamp);
		}
	}

	@Override
	public QueryResult query(QueryRequest request) {
		List<StateItem> candidates = new ArrayList<>();
		long stamp = this.lock.readLock();
		try {
			Instant now = this.clock.instant();
			this.entries.forEach((key, entry) -> {
				if (!entry.isExpired(now)) {
					candidates.add(toItem(entry, key, entry.value()));
				}
			});
		}
		finally {
			this.lock.unlockRead(stamp);
		}
		QueryResult found = JsonQuery.run(request, candidates);
		return QueryResult.of(found.found()
			.stream()
			.map((item) -> new StateItem(item.key(), item.value().clone(), item.etag(), item.contentType(),
					item.metadata()))
			.toList(), found.token());
	}

	private Entry change(SetRequest request, byte[] value, @Nullable Entry current, Instant now) {
		check(request.key(), request.etag(), request.concurrency(), current);
		Duration ttl = request.ttl();
		return new Entry(value, ++this.version, request.contentType(), (ttl != null) ? expiry(now, ttl) : null);
	}

	private static void check(String key, @Nullable String etag, Concurrency concurrency, @Nullable Entry current) {
		if (etag == null) {
			if (concurrency == Concurrency.FIRST_WRITE && current != null) {
				throw new EtagMismatchException("Key '" + key + "' exists, and the first write wins");
			}
			return;
		}
		if (!etag.chars().allMatch((character) -> character >= '0' && character <= '9')) {
			throw new EtagInvalidException("Etag of key '" + key + "' is not a number");
		}
		if (current == null || !current.etag().equals(etag)) {
			throw new EtagMismatchException("Key '" + key + "' " + ((current != null)
					? "has another etag than the one given" : "has no value, but an etag is given"));
		}
	}

	private static Instant expiry(Instant now, Duration ttl) {
		try {
			Instant expiry = now.plus(ttl);
			return earliest(expiry);
		}
		catch (DateTimeException | ArithmeticException ex) {
			return LATEST_EXPIRY;
		}
	}

	private void put(String key, Entry entry) {
		forgetExpiry(key, this.entries.put(key, entry));
		if (entry.expiresAt() != null) {
			this.expiries.add(new Expiry(entry.expiresAt(), entry.version(), key));
		}
	}

	private void remove(String key) {
		forgetExpiry(key, this.entries.remove(key));
	}

	private void forgetExpiry(String key, @Nullable Entry entry) {
		if (entry != null && entry.expiresAt() != null) {
			this.expiries.remove(new Expiry(entry.expiresAt(), entry.version(), key));
		}
	}

	private Instant evictExpired() {
		Instant now = this.clock.instant();
		while (!this.expiries.isEmpty() && !this.expiries.first().at().isAfter(now)) {
			this.entries.remove(this.expiries.first().key());
			this.expiries.pollFirst();
		}
		return now;
	}

	/**
	 * The number of values in memory, expired or not.
	 */
	int size() {
		return this.entries.size();
	}

	/**
	 * The number of moments of expiry in memory.
	 */
	int expiring() {
		long stamp = this.lock.readLock();
		try {
			return this.expiries.size();
		}
		finally {
			this.lock.unlockRead(stamp);
		}
	}

	/**
	 * A stored value.
	 *
	 * @param value the value, not shared with callers
	 * @param version number of the write, unique in the store
	 * @param contentType media type of the value, {@code null} if not known
	 * @param expiresAt moment at which the value expires, {@code null} if it does not
	 */
	private record Entry(byte[] value, long version, @Nullable String contentType, @Nullable Instant expiresAt) {

		private String etag() {
			return Long.toString(this.version);
		}

		private boolean isExpired(Instant now) {
			return this.expiresAt != null && !this.expiresAt.isAfter(now);
		}

	}

	/**
	 * The expiry of a value.
	 *
	 * @param at the moment
	 * @param version number of the write
	 * @param key the key
	 */
	private record Expiry(Instant at, long version, String key) {
	}

}
