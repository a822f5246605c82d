package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

import dev.pluggable.internal.support.HostThread;
import org.jspecify.annotations.Nullable;

/**
 * Limits the number of endpoints that a host connects and initialises at a time. Time
 * limits begin with the work, so endpoints that wait here miss none. An endpoint whose
 * process is slow makes room for others after a moment, because it only waits for the
 * process. Belongs to the host's thread.
 */
public final class Admission {

	private static final int MIN_LIMIT = 32;

	private static final int PER_PROCESSOR = 16;

	/**
	 * The longest time for which an endpoint takes a place.
	 */
	private static final Duration PLACE = Duration.ofMillis(500);

	private final HostThread thread;

	private final int limit;

	/**
	 * The endpoints that wait, by their priority.
	 */
	private final List<Queue<Entry>> waiting = new ArrayList<>();

	private int admitted;

	private boolean admitting;

	/**
	 * Create an admission with a limit that suits the machine.
	 * @param thread the host's thread
	 */
	public Admission(HostThread thread) {
		this(thread, Math.max(MIN_LIMIT, PER_PROCESSOR * Runtime.getRuntime().availableProcessors()));
	}

	Admission(HostThread thread, int limit) {
		this.thread = thread;
		this.limit = limit;
		for (Priority priority : Priority.values()) {
			this.waiting.add(new ArrayDeque<>());
		}
	}

	/**
	 * Begin work now, or as soon as there is a place.
	 * @param priority decides who comes first
	 * @param work the work
	 * @return the entry, which its owner closes when the work has ended
	 */
	Entry enter(Priority priority, Runnable work) {
		this.thread.assertCurrent();
		Entry entry = new Entry(work);
		this.waiting.get(priority.ordinal()).add(entry);
		return entry;
	}

	/**
	 * Begin the work of entries for which there is a place.
	 */
	void admit() {
		this.thread.assertCurrent();
		if (this.admitting) {
			return;
		}
		this.admitting = true;
		try {
			Entry next = next();
			while (next != null) {
				next.begin();
				next = next();
			}
		}
		finally {
			this.admitting = false;
		}
	}

	private @Nullable Entry next() {
		if (this.admitted >= this.limit) {
			return null;
		}
		for (Queue<Entry> queue : this.waiting) {
			Entry entry = queue.poll();
			while (entry != null && entry.closed) {
				entry = queue.poll();
			}
			if (entry != null) {
				return entry;
			}
		}
		return null;
	}

	/**
	 * The order of admission.
	 */
	enum Priority {

		/** The application requires a component of the endpoint. */
		REQUIRED,

		/** The application declares a component of the endpoint. */
		DECLARED,

		/** The host has discovered the endpoint. */
		DISCOVERED

	}

	/**
	 * The place of an endpoint, or its wait for one.
	 */
	final class Entry {

		private final Runnable work;

		private boolean admittedNow;

		private boolean closed;

		private HostThread.@Nullable Timer end;

		private Entry(Runnable work) {
			this.work = work;
		}

		private void begin() {
			this.admittedNow = true;
			Admission.this.admitted++;
			this.end = Admission.this.thread.schedule("admitting the next endpoint", PLACE, this::close);
			this.work.run();
		}

		/**
		 * Tell whether the work has not begun.
		 */
		boolean waits() {
			return !this.admittedNow && !this.closed;
		}

		/**
		 * Give up the place, or the wait. Further calls do nothing.
		 */
		void close() {
			if (this.closed) {
				return;
			}
			this.closed = true;
			if (this.end != null) {
				this.end.cancel();
			}
			if (this.admittedNow) {
				Admission.this.admitted--;
				Admission.this.thread.execute("admitting the next endpoint", Admission.this::admit);
			}
		}

	}

}
