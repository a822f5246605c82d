package dev.pluggable.internal.endpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gate that each call passes. The gate is open while there is a current generation,
 * and then leads to that generation. While the gate is closed, a call waits or fails. A
 * waiting call holds no thread. Safe for use by many threads.
 *
 * @param <T> type of the target
 */
public final class Gate<T> {

	private static final Logger logger = LoggerFactory.getLogger(Gate.class);

	private static final Executor DIRECT = Runnable::run;

	/**
	 * The time between two looks whether a wait still counts as held.
	 */
	private static final long HOLD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private final ScheduledExecutorService scheduler;

	private final BooleanSupplier held;

	private final ReentrantLock lock = new ReentrantLock();

	/**
	 * The waiters in the order of their arrival, each with the task that ends its wait.
	 */
	private final Map<Waiter<T>, ScheduledFuture<?>> waiters = new LinkedHashMap<>();

	/**
	 * The waiters that the gate holds longer than they want to wait. One task looks at
	 * all of them.
	 */
	private final Set<Waiter<T>> heldWaiters = new LinkedHashSet<>();

	private @Nullable ScheduledFuture<?> look;

	private volatile @Nullable T current;

	private boolean stopped;

	/**
	 * Create a closed gate.
	 * @param scheduler ends the waits that last too long
	 */
	public Gate(ScheduledExecutorService scheduler) {
		this(scheduler, () -> false);
	}

	/**
	 * Create a closed gate that may hold its waiters longer than they want to wait.
	 * @param scheduler ends the waits that last too long
	 * @param held tells, on any thread, whether no wait ends now, because the gate is
	 * about to open or to refuse
	 */
	public Gate(ScheduledExecutorService scheduler, BooleanSupplier held) {
		this.scheduler = scheduler;
		this.held = held;
	}

	/**
	 * Return the target of the gate. The cost is one volatile read.
	 * @return the target, {@code null} while the gate is closed
	 */
	public @Nullable T current() {
		return this.current;
	}

	/**
	 * Open the gate and let all waiters pass in the order of their arrival. An open gate
	 * changes its target. A stopped gate stays closed.
	 * @param target the target
	 */
	public void open(T target) {
		List<Waiter<T>> passing;
		this.lock.lock();
		try {
			if (this.stopped) {
				return;
			}
			this.current = target;
			passing = takeWaiters();
		}
		finally {
			this.lock.unlock();
		}
		// One task for each executor: many waiters must not start as many threads.
		Map<Executor, List<Waiter<T>>> batches = new LinkedHashMap<>();
		passing.forEach(
				(waiter) -> batches.computeIfAbsent(waiter.executor(), (executor) -> new ArrayList<>()).add(waiter));
		batches.forEach((executor, batch) -> guard(
				() -> execute(executor, () -> batch.forEach((waiter) -> guard(() -> waiter.opened(target))))));
	}

	/**
	 * Run a task on an executor, or on the calling thread if the executor cannot run it.
	 */
	static void execute(Executor executor, Runnable task) {
		try {
			executor.execute(task);
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			// The JVM throws an OutOfMemoryError if the system has no more threads.
			task.run();
		}
	}

	/**
	 * Close the gate if it leads to a target. Waiters keep waiting.
	 * @param expected the target
	 * @return whether the gate led to the target
	 */
	public boolean close(T expected) {
		this.lock.lock();
		try {
			if (this.current != expected) {
				return false;
			}
			this.current = null;
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Close the gate. Waiters keep waiting.
	 * @return whether the gate was open
	 */
	public boolean close() {
		this.lock.lock();
		try {
			boolean open = this.current != null;
			this.current = null;
			return open;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Close the gate permanently and refuse all waiters.
	 */
	public void stop() {
		List<Waiter<T>> refused;
		this.lock.lock();
		try {
			this.stopped = true;
			this.current = null;
			refused = takeWaiters();
		}
		finally {
			this.lock.unlock();
		}
		refused.forEach((waiter) -> guard(waiter::refused));
	}

	/**
	 * The failure of one waiter must not keep the others waiting: nothing else ends their
	 * wait.
	 */
	private static void guard(Runnable notification) {
		try {
			notification.run();
		}
		catch (RuntimeException | Error ex) {
			logger.error("A call that waited at a gate failed", ex);
		}
	}

	private List<Waiter<T>> takeWaiters() {
		List<Waiter<T>> taken = new ArrayList<>(this.waiters.keySet());
		this.waiters.values().forEach((end) -> end.cancel(false));
		this.waiters.clear();
		this.heldWaiters.clear();
		return taken;
	}

	/**
	 * Pass the gate, or wait until the gate opens. The gate calls exactly one method of a
	 * waiter, unless the waiter leaves. A stopped gate refuses the waiter at once. So
	 * does a closed gate if the longest wait is zero.
	 * @param waiter hears that the gate opened, or that the gate did not open in time
	 * @param nanos longest wait in nanoseconds
	 * @return the target of an open gate, which calls no method of the waiter;
	 * {@code null} if the waiter waits or was refused
	 */
	public @Nullable T enter(Waiter<T> waiter, long nanos) {
		this.lock.lock();
		try {
			T target = this.current;
			if (target != null) {
				return target;
			}
			if (!this.stopped && nanos > 0) {
				this.waiters.put(waiter, expireLater(waiter, nanos));
				return null;
			}
		}
		catch (RejectedExecutionException ex) {
			logger.debug("A call cannot wait because the host has closed", ex);
		}
		finally {
			this.lock.unlock();
		}
		waiter.refused();
		return null;
	}

	private ScheduledFuture<?> expireLater(Waiter<T> waiter, long nanos) {
		return this.scheduler.schedule(() -> expire(waiter), nanos, TimeUnit.NANOSECONDS);
	}

	private void expire(Waiter<T> waiter) {
		if (this.held.getAsBoolean() && waiter.canWait()) {
			hold(waiter);
		}
		else if (leave(waiter)) {
			waiter.refused();
		}
	}

	private void hold(Waiter<T> waiter) {
		this.lock.lock();
		try {
			if (this.waiters.containsKey(waiter) && this.heldWaiters.add(waiter) && this.look == null) {
				this.look = lookLater();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private ScheduledFuture<?> lookLater() {
		return this.scheduler.schedule(this::look, HOLD_NANOS, TimeUnit.NANOSECONDS);
	}

	/**
	 * Refuse the waiters that the gate no longer holds.
	 */
	private void look() {
		boolean held = this.held.getAsBoolean();
		List<Waiter<T>> ended = new ArrayList<>();
		this.lock.lock();
		try {
			for (Waiter<T> waiter : this.heldWaiters) {
				if (!held || !waiter.canWait()) {
					ended.add(waiter);
				}
			}
			ended.forEach(this.heldWaiters::remove);
			ended.forEach(this.waiters::remove);
			this.look = null;
			if (!this.heldWaiters.isEmpty()) {
				this.look = lookLater();
			}
		}
		finally {
			this.lock.unlock();
		}
		ended.forEach((waiter) -> guard(waiter::refused));
	}

	/**
	 * End a wait. The gate calls no method of a waiter that has left.
	 * @param waiter the waiter
	 * @return whether the waiter was waiting
	 */
	public boolean leave(Waiter<T> waiter) {
		ScheduledFuture<?> end;
		this.lock.lock();
		try {
			end = this.waiters.remove(waiter);
			this.heldWaiters.remove(waiter);
		}
		finally {
			this.lock.unlock();
		}
		if (end != null) {
			end.cancel(false);
		}
		return end != null;
	}

	/**
	 * Block until the gate opens. An interrupted thread stops waiting and stays
	 * interrupted. The thread ends its wait itself, because the scheduler may have closed
	 * or may need the blocked thread.
	 * @param nanos longest wait in nanoseconds
	 * @return the target, {@code null} if the gate did not open
	 */
	public @Nullable T await(long nanos) {
		BlockedThread<T> blocked = new BlockedThread<>();
		T target = enter(blocked, nanos);
		if (target != null) {
			return target;
		}
		try {
			boolean ended = blocked.ended.await(nanos, TimeUnit.NANOSECONDS);
			while (!ended && this.held.getAsBoolean()) {
				ended = blocked.ended.await(HOLD_NANOS, TimeUnit.NANOSECONDS);
			}
			if (!ended && !leave(blocked)) {
				// Another thread has ended the wait and is about to tell.
				blocked.ended.await();
			}
			return blocked.target;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			leave(blocked);
			return null;
		}
	}

	/**
	 * Return the number of waiters.
	 * @return the number
	 */
	int waiting() {
		this.lock.lock();
		try {
			return this.waiters.size();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Waits for a gate to open. The gate calls one of the methods, once, without holding
	 * a lock. The methods must not block.
	 *
	 * @param <T> type of the target
	 */
	public interface Waiter<T> {

		/**
		 * Return the executor that runs {@link #opened}. Waiters with the same executor
		 * are told in one task, one after another.
		 * @return the executor, which by default uses the thread that opens the gate
		 */
		default Executor executor() {
			return DIRECT;
		}

		/**
		 * The gate has opened.
		 * @param target the target of the gate
		 */
		void opened(T target);

		/**
		 * The gate did not open in time, or was stopped.
		 */
		void refused();

		/**
		 * Tell whether the gate may hold the waiter longer than the waiter wants to wait.
		 */
		default boolean canWait() {
			return true;
		}

	}

	/**
	 * A thread that blocks until its wait ends.
	 */
	private static final class BlockedThread<T> implements Waiter<T> {

		private final CountDownLatch ended = new CountDownLatch(1);

		private volatile @Nullable T target;

		@Override
		public void opened(T target) {
			this.target = target;
			this.ended.countDown();
		}

		@Override
		public void refused() {
			this.ended.countDown();
		}

	}

}
