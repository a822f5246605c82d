package dev.pluggable.internal.broker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.plugin.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Matches the connections that a plugin announces with the numbers that the host dials.
 * Either side may come first and waits for the other for {@link #PATIENCE}. Each
 * announcement is used once. Safe for use by many threads.
 */
final class Announcements {

	private static final Logger logger = LoggerFactory.getLogger(Announcements.class);

	/**
	 * The longest wait of a dialled number for its announcement, and of an announcement
	 * for the host to dial its number.
	 */
	static final Duration PATIENCE = Duration.ofSeconds(5);

	/**
	 * The limit of unused announcements. It protects the host from a plugin that
	 * announces without end.
	 */
	static final int MAX_ANNOUNCED = 1000;

	private final String plugin;

	private final ScheduledExecutorService scheduler;

	private final ReentrantLock lock = new ReentrantLock();

	private final Map<Integer, Kept> announced = new HashMap<>();

	private final Map<Integer, Deque<Expectation>> expected = new HashMap<>();

	private int waiting;

	private boolean flooded;

	private @Nullable String ended;

	/**
	 * Create an empty table.
	 * @param plugin name of the plugin, for messages
	 * @param scheduler ends the waits of both sides
	 */
	Announcements(String plugin, ScheduledExecutorService scheduler) {
		this.plugin = plugin;
		this.scheduler = scheduler;
	}

	/**
	 * Expect the announcement of a number.
	 * @param name the purpose of the connection, for messages
	 * @param number the number
	 * @return completes with the announcement, or fails with a {@link PluginException} if
	 * no announcement arrives; a caller that completes the future early stops waiting
	 */
	CompletableFuture<Announcement> expect(String name, int number) {
		Expectation expectation = new Expectation(name, number);
		this.lock.lock();
		try {
			if (this.ended != null) {
				expectation.completeExceptionally(new PluginException(this.ended));
				return expectation;
			}
			Kept kept = this.announced.remove(number);
			if (kept != null) {
				kept.expiry.cancel(false);
				expectation.complete(kept.announcement);
				return expectation;
			}
			ScheduledFuture<?> expiry = this.scheduler.schedule(expectation::expire, PATIENCE.toNanos(),
					TimeUnit.NANOSECONDS);
			expectation.whenComplete((announcement, failure) -> expiry.cancel(false));
			this.expected.computeIfAbsent(number, (key) -> new ArrayDeque<>()).add(expectation);
			this.waiting++;
		}
		catch (RejectedExecutionException ex) {
			expectation.completeExceptionally(new PluginException("The host has closed", ex));
			return expectation;
		}
		finally {
			this.lock.unlock();
		}
		expectation.whenComplete((announcement, failure) -> withdraw(expectation));
		return expectation;
	}

	private void withdraw(Expectation expectation) {
		this.lock.lock();
		try {
			Deque<Expectation> same = this.expected.get(expectation.number);
			if (same != null && same.remove(expectation)) {
				removed(expectation.number, same);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private void removed(int number, Deque<Expectation> same) {
		this.waiting--;
		if (same.isEmpty()) {
			this.expected.remove(number);
		}
	}

	/**
	 * The plugin has announced a connection.
	 */
	void announced(Announcement announcement) {
		if (announcement.address().isEmpty()) {
			// The multiplexed variant of the protocol sends such messages. The host never
			// asks for this variant.
			logger.debug("Plugin '{}' announces a connection without an address", this.plugin);
			return;
		}
		Expectation expectation;
		this.lock.lock();
		try {
			if (this.ended != null) {
				return;
			}
			Deque<Expectation> same = this.expected.get(announcement.number());
			if (same == null) {
				keep(announcement);
				return;
			}
			expectation = same.remove();
			removed(announcement.number(), same);
		}
		finally {
			this.lock.unlock();
		}
		expectation.complete(announcement);
	}

	private void keep(Announcement announcement) {
		int number = announcement.number();
		if (this.announced.containsKey(number)) {
			logger.debug("Plugin '{}' announces connection {} again before somebody has dialled it", this.plugin,
					Integer.toUnsignedString(number));
			return;
		}
		if (this.announced.size() >= MAX_ANNOUNCED) {
			if (!this.flooded) {
				this.flooded = true;
				logger.warn("Plugin '{}' has announced {} connections that nobody has dialled; "
						+ "the host drops further announcements", this.plugin, MAX_ANNOUNCED);
			}
			return;
		}
		try {
			this.announced.put(number, new Kept(announcement,
					this.scheduler.schedule(() -> expire(announcement), PATIENCE.toNanos(), TimeUnit.NANOSECONDS)));
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The host has closed", ex);
		}
	}

	private void expire(Announcement announcement) {
		this.lock.lock();
		try {
			Kept kept = this.announced.get(announcement.number());
			if (kept != null && kept.announcement == announcement) {
				this.announced.remove(announcement.number());
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Return how many dialled numbers wait for an announcement.
	 */
	int waiting() {
		this.lock.lock();
		try {
			return this.waiting;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Fail all current and later waits. The first reason counts.
	 */
	void end(String reason) {
		List<Expectation> failing = new ArrayList<>();
		this.lock.lock();
		try {
			if (this.ended == null) {
				this.ended = reason;
			}
			this.expected.values().forEach(failing::addAll);
			this.expected.clear();
			this.waiting = 0;
			this.announced.values().forEach((kept) -> kept.expiry.cancel(false));
			this.announced.clear();
		}
		finally {
			this.lock.unlock();
		}
		failing.forEach((expectation) -> expectation.completeExceptionally(new PluginException(reason)));
	}

	/**
	 * An announcement that nobody has used yet.
	 */
	private record Kept(Announcement announcement, ScheduledFuture<?> expiry) {
	}

	/**
	 * Waits for one announcement.
	 */
	private final class Expectation extends CompletableFuture<Announcement> {

		private final String name;

		private final int number;

		Expectation(String name, int number) {
			this.name = name;
			this.number = number;
		}

		void expire() {
			completeExceptionally(new PluginException("Plugin '" + Announcements.this.plugin
					+ "' did not announce connection " + Integer.toUnsignedString(this.number) + " (" + this.name
					+ ") within " + PATIENCE.toSeconds()
					+ "s: its broker must serve a number before the plugin gives the number away, and a number can be dialled once only"));
		}

	}

}
