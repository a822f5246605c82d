package dev.pluggable.sample.h2;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.pluggable.ComponentException;
import dev.pluggable.PluggableException;
import dev.pluggable.state.BulkChanges;
import dev.pluggable.state.Concurrency;
import dev.pluggable.state.DeleteRequest;
import dev.pluggable.state.EtagInvalidException;
import dev.pluggable.state.EtagMismatchException;
import dev.pluggable.state.GetRequest;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateFeatures;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateOperation;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.TransactionRequest;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * State store that keeps its values in a file. A change is on the disk when its method
 * returns, and no reader sees the change before. Readers see the changes of one
 * transaction, and of one bulk call, together. Safe for use by many threads.
 */
final class H2StateStore implements StateStore, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(H2StateStore.class);

	private static final Set<String> FEATURES = Set.of(StateFeatures.ETAG, StateFeatures.TRANSACTIONAL,
			StateFeatures.TTL);

	/** RFC 3339 allows years of four digits only. */
	private static final long LATEST_EXPIRY = Instant.parse("9999-12-31T23:59:59Z").toEpochMilli();

	private static final int MAX_EXPIRED_PER_COMMIT = 1000;

	private static final int COMMITS_PER_COMPACTION = 1000;

	private final String name;

	private final DataFile file;

	private final Clock clock;

	private final GroupCommit commits;

	/**
	 * The values that keys had before changes that are not on the disk yet; empty if a
	 * key had no value. Readers see these values: a reader looks here <em>after</em> it
	 * has looked into the file. The map is replaced as a whole when the changes are on
	 * the disk.
	 */
	private volatile Map<String, Optional<StoredValue>> before = new ConcurrentHashMap<>();

	/** Only the thread that commits uses this field. */
	private long version;

	/**
	 * Open a store.
	 * @param name name of the component
	 * @param file its file, closed with this store
	 * @param clock tells the time, for values that expire
	 * @param fatal told if the file can no longer be written
	 */
	H2StateStore(String name, DataFile file, Clock clock, Consumer<Throwable> fatal) {
		this.name = name;
		this.file = file;
		this.clock = clock;
		// The time keeps etags unique even if a file is lost or replaced by an older
		// copy.
		this.version = Math.max(file.version(), clock.millis() * 1000);
		this.commits = new GroupCommit(name, new FileJournal(), fatal);
	}

	String name() {
		return this.name;
	}

	boolean isClosed() {
		return this.commits.isClosed();
	}

	@Override
	public Set<String> features() {
		return FEATURES;
	}

	@Override
	public void ping() {
		this.commits.checkUsable();
	}

	@Override
	public Optional<StateItem> get(GetRequest request) {
		String key = request.key();
		Optional<StoredValue> stored = read(key);
		Optional<StoredValue> previous = this.before.get(key);
		// A closed file throws no exception; it only has no values.
		this.commits.checkUsable();
		return ((previous != null) ? previous : stored).filter((value) -> value.isLive(this.clock.instant()))
			.map((value) -> value.toItem(key));
	}

	private Optional<StoredValue> read(String key) {
		try {
			return Optional.ofNullable(this.file.values().get(key));
		}
		catch (MVStoreException ex) {
			this.commits.checkUsable();
			throw new ComponentException("Component '" + this.name + "' cannot read: " + ex.getMessage(), ex);
		}
	}

	@Override
	public void set(SetRequest request) {
		change(List.of(request));
	}

	@Override
	public void delete(DeleteRequest request) {
		change(List.of(request));
	}

	@Override
	public void bulkSet(List<SetRequest> requests, int parallelism) {
		changeEach(requests);
	}

	@Override
	public void bulkDelete(List<DeleteRequest> requests, int parallelism) {
		changeEach(requests);
	}

	@Override
	public void transact(TransactionRequest request) {
		change(request.operations());
	}

	/**
	 * Apply all changes or none.
	 */
	private void change(List<? extends StateOperation> operations) {
		if (!operations.isEmpty()) {
			this.commits.submit(() -> apply(operations));
		}
	}

	/**
	 * Apply each change that is possible. The changes reach the disk together.
	 */
	private void changeEach(List<? extends StateOperation> operations) {
		if (!operations.isEmpty()) {
			AtomicReference<Optional<PluggableException>> failure = new AtomicReference<>(Optional.empty());
			this.commits
				.submit(() -> failure.set(BulkChanges.apply(operations, (operation) -> apply(List.of(operation)))));
			failure.get().ifPresent((exception) -> {
				throw exception;
			});
		}
	}

	private void apply(List<? extends StateOperation> operations) {
		Instant now = this.clock.instant();
		long version = this.version;
		Map<String, Optional<StoredValue>> changes = new LinkedHashMap<>();
		for (StateOperation operation : operations) {
			String key = operation.key();
			Optional<StoredValue> changed = changes.get(key);
			Optional<StoredValue> current = (changed != null) ? changed
					: read(key).filter((value) -> value.isLive(now));
			if (operation instanceof SetRequest set) {
				check(key, set.etag(), set.concurrency(), current);
				changes.put(key, Optional.of(new StoredValue(set.value().clone(), ++version, expiry(now, set.ttl()),
						(set.contentType() != null) ? set.contentType() : "")));
			}
			else if (operation instanceof DeleteRequest delete) {
				check(key, delete.etag(), delete.concurrency(), current);
				changes.put(key, Optional.empty());
			}
		}
		this.version = version;
		changes.forEach((key, value) -> replace(key, value.orElse(null)));
	}

	private static void check(String key, @Nullable String etag, Concurrency concurrency,
			Optional<StoredValue> current) {
		if (etag == null) {
			if (concurrency == Concurrency.FIRST_WRITE && current.isPresent()) {
				throw new EtagMismatchException("Key '" + key + "' exists, and the first write wins");
			}
			return;
		}
		if (!etag.chars().allMatch((character) -> character >= '0' && character <= '9')) {
			throw new EtagInvalidException("Etag of key '" + key + "' is not a number");
		}
		if (current.isEmpty()) {
			throw new EtagMismatchException("Key '" + key + "' has no value, but an etag is given");
		}
		if (!current.get().etag().equals(etag)) {
			throw new EtagMismatchException("Key '" + key + "' has another etag than the one given");
		}
	}

	private static long expiry(Instant now, @Nullable Duration ttl) {
		if (ttl == null) {
			return 0;
		}
		long millis = now.toEpochMilli();
		return (ttl.compareTo(Duration.ofMillis(LATEST_EXPIRY - millis)) < 0) ? millis + ttl.toMillis() : LATEST_EXPIRY;
	}

	private void replace(String key, @Nullable StoredValue value) {
		StoredValue previous = this.file.values().get(key);
		this.before.putIfAbsent(key, Optional.ofNullable(previous));
		if (previous != null && previous.expires()) {
			this.file.expiries().remove(expiryKey(key, previous));
		}
		if (value == null) {
			this.file.values().remove(key);
			return;
		}
		this.file.values().put(key, value);
		if (value.expires()) {
			this.file.expiries().put(expiryKey(key, value), value.version());
		}
	}

	/**
	 * Sorts by the time of expiry.
	 */
	private static String expiryKey(String key, StoredValue value) {
		return expiryPrefix(value.expiresAt()) + key;
	}

	private static String expiryPrefix(long millis) {
		return String.format(Locale.ROOT, "%016x", millis);
	}

	/**
	 * List the keys of the values that are on the disk when the method returns, in their
	 * order.
	 * @param after the key before the first one; empty for the first key of all
	 * @param limit largest number of keys
	 * @return the keys
	 */
	List<String> keys(String after, int limit) {
		List<String> keys = new ArrayList<>();
		this.commits.submit(() -> {
			Instant now = this.clock.instant();
			Iterator<String> all = this.file.values().keyIterator(after);
			while (keys.size() < limit && all.hasNext()) {
				String key = all.next();
				if (!key.equals(after) && read(key).filter((value) -> value.isLive(now)).isPresent()) {
					keys.add(key);
				}
			}
		});
		return keys;
	}

	/**
	 * Give the free space in the file back to the disk. Writers wait meanwhile.
	 * @return the size of the file before and after
	 */
	Shrunk shrink() {
		AtomicReference<Shrunk> shrunk = new AtomicReference<>();
		this.commits.submit(() -> {
			long before = this.file.size();
			this.file.version(this.version);
			this.file.shrink();
			shrunk.set(new Shrunk(before, this.file.size()));
		});
		return shrunk.get();
	}

	@Override
	public void close() {
		this.commits.close();
	}

	/**
	 * The size of the file before and after.
	 *
	 * @param before bytes before
	 * @param after bytes after
	 */
	record Shrunk(long before, long after) {
	}

	/**
	 * Writes the changes to the disk.
	 */
	private final class FileJournal implements GroupCommit.Journal {

		private int commitsToCompact;

		@Override
		public void commit() {
			evictExpired();
			if (H2StateStore.this.before.isEmpty()) {
				return;
			}
			H2StateStore.this.file.version(H2StateStore.this.version);
			H2StateStore.this.file.commit();
			H2StateStore.this.before = new ConcurrentHashMap<>();
			if (++this.commitsToCompact >= COMMITS_PER_COMPACTION) {
				compact();
			}
		}

		@Override
		public void idle() {
			commit();
			if (this.commitsToCompact > 0) {
				compact();
			}
		}

		private void compact() {
			this.commitsToCompact = H2StateStore.this.file.compact() ? 1 : 0;
		}

		private void evictExpired() {
			String end = expiryPrefix(H2StateStore.this.clock.millis());
			for (int i = 0; i < MAX_EXPIRED_PER_COMMIT; i++) {
				String first = H2StateStore.this.file.expiries().firstKey();
				if (first == null || first.substring(0, end.length()).compareTo(end) > 0) {
					return;
				}
				replace(first.substring(end.length()), null);
			}
		}

		@Override
		public void end(boolean well) {
			try {
				if (well) {
					H2StateStore.this.file.close();
				}
				else {
					H2StateStore.this.file.abandon();
				}
			}
			catch (MVStoreException | IOException ex) {
				logger.warn("Component '{}': its file could not be closed in order; nothing is lost",
						H2StateStore.this.name, ex);
			}
		}

	}

}
