package dev.pluggable.spring.bindings;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Draining;
import dev.pluggable.bindings.BindingHandler;
import dev.pluggable.bindings.InputBinding;
import dev.pluggable.bindings.ReadRequest;
import dev.pluggable.bindings.Reading;
import org.jspecify.annotations.Nullable;

import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Sends an event at each time of a schedule. Each reading follows the schedule
 * independently. A reading skips a run if the maximum number of runs is in progress. If
 * the machine was suspended, a reading skips all missed runs except for the last one.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class CronBinding implements InputBinding, Draining, AutoCloseable {

	private final String name;

	private final CronSchedule schedule;

	private final Clock clock;

	private final CronTimer timer;

	private final ScheduledThreadPoolExecutor scheduler;

	private final ThreadPoolExecutor handlers;

	private final Set<CronReading> readings = ConcurrentHashMap.newKeySet();

	private volatile boolean stopped;

	/**
	 * Create a binding.
	 * @param name name of the component
	 * @param schedule the schedule of the events
	 * @param clock returns the current time
	 * @param timer runs delayed tasks, {@code null} for a timer with a thread of the
	 * binding
	 */
	CronBinding(String name, CronSchedule schedule, Clock clock, @Nullable CronTimer timer) {
		this.name = name;
		this.schedule = schedule;
		this.clock = clock;
		CustomizableThreadFactory threads = new CustomizableThreadFactory("pluggable-cron-" + name + "-");
		threads.setDaemon(true);
		this.scheduler = new ScheduledThreadPoolExecutor(1, threads);
		this.scheduler.setRemoveOnCancelPolicy(true);
		this.scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		// The concurrency of the readings limits the number of threads.
		this.handlers = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(),
				threads);
		this.timer = (timer != null) ? timer : new SystemTimer();
	}

	public static CronBinding create(String name, Map<String, String> metadata) {
		BindingMetadata settings = new BindingMetadata("bindings.cron", metadata);
		settings.allow(Set.of("schedule", "timeZone", "direction"));
		return new CronBinding(name, CronSchedule.of(settings), Clock.systemUTC(), null);
	}

	@Override
	public Reading read(ReadRequest request, BindingHandler handler) {
		CronReading reading = new CronReading(this, request, handler);
		this.readings.add(reading);
		reading.closed().whenComplete((closed, failure) -> this.readings.remove(reading));
		if (this.stopped) {
			this.readings.remove(reading);
			throw new ComponentUnavailableException(this.name, "input-bindings", "Read", "the application is stopping");
		}
		reading.start();
		return reading;
	}

	String name() {
		return this.name;
	}

	CronSchedule schedule() {
		return this.schedule;
	}

	Clock clock() {
		return this.clock;
	}

	CronTimer timer() {
		return this.timer;
	}

	ScheduledThreadPoolExecutor scheduler() {
		return this.scheduler;
	}

	ThreadPoolExecutor handlers() {
		return this.handlers;
	}

	@Override
	public CompletionStage<?> drain(Duration grace) {
		this.stopped = true;
		return CompletableFuture.allOf(this.readings.stream()
			.map((reading) -> reading.drain(grace).toCompletableFuture())
			.toArray(CompletableFuture[]::new));
	}

	@Override
	public void close() {
		this.stopped = true;
		this.readings.forEach(CronReading::abandon);
		this.scheduler.shutdownNow();
		this.handlers.shutdownNow();
	}

	/**
	 * The monotonic clock of the system, with the thread of the binding.
	 */
	private final class SystemTimer implements CronTimer {

		@Override
		public long nanoTime() {
			return System.nanoTime();
		}

		@Override
		public Future<?> schedule(Duration delay, Runnable task) {
			return CronBinding.this.scheduler.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
		}

	}

}
