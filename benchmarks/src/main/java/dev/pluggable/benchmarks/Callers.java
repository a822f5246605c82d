package dev.pluggable.benchmarks;

import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.HdrHistogram.Histogram;

/**
 * Threads that make calls. Each thread waits for the end of a call before it starts the
 * next one. All rounds use the same threads.
 */
final class Callers implements AutoCloseable {

	private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);

	private final int size;

	private final ExecutorService threads;

	private final List<Histogram> histograms = new ArrayList<>();

	private volatile boolean stopped;

	private Callers(int size, ExecutorService threads) {
		this.size = size;
		this.threads = threads;
		for (int i = 0; i < size; i++) {
			this.histograms.add(new Histogram(LONGEST_NANOS, 3));
		}
	}

	static Callers platform(int size) {
		return new Callers(size, Executors.newFixedThreadPool(size, (task) -> {
			Thread thread = new Thread(task, "caller");
			thread.setDaemon(true);
			return thread;
		}));
	}

	/**
	 * Create callers on virtual threads.
	 * @throws UnsupportedOperationException if this JDK has no virtual threads
	 */
	static Callers virtual(int size) {
		try {
			return new Callers(size,
					(ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null));
		}
		catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException ex) {
			throw new UnsupportedOperationException("This JDK has no virtual threads", ex);
		}
	}

	static boolean hasVirtualThreads() {
		return Runtime.version().feature() >= 21;
	}

	/**
	 * Make calls for a while.
	 * @param calls one call for each caller
	 * @param duration the time to measure
	 * @return the figures of this round
	 */
	Result round(List<? extends Callable<?>> calls, Duration duration) throws Exception {
		CountDownLatch ready = new CountDownLatch(this.size);
		CountDownLatch go = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(this.size);
		CountDownLatch leave = new CountDownLatch(1);
		this.stopped = false;
		List<Future<?>> running = new ArrayList<>();
		for (int i = 0; i < this.size; i++) {
			Callable<?> call = calls.get(i);
			Histogram histogram = this.histograms.get(i);
			running.add(this.threads.submit(() -> {
				histogram.reset();
				ready.countDown();
				go.await();
				try {
					repeat(call, histogram);
				}
				finally {
					done.countDown();
					// The bytes of a thread are counted only while the thread is alive.
					leave.await();
				}
				return null;
			}));
		}
		ready.await();
		long bytes = Allocation.bytes();
		long processor = Allocation.processorNanos();
		long begun = System.nanoTime();
		go.countDown();
		// This is the measured time, not a wait for an event.
		TimeUnit.NANOSECONDS.sleep(duration.toNanos());
		this.stopped = true;
		done.await();
		long nanos = System.nanoTime() - begun;
		processor = Allocation.processorNanos() - processor;
		bytes = Allocation.bytes() - bytes;
		leave.countDown();
		for (Future<?> future : running) {
			rethrow(future);
		}
		Histogram all = new Histogram(LONGEST_NANOS, 3);
		this.histograms.forEach(all::add);
		return Result.of(all, nanos, bytes, processor);
	}

	private void repeat(Callable<?> call, Histogram histogram) throws Exception {
		long before = System.nanoTime();
		while (!this.stopped) {
			if (call.call() == null) {
				throw new IllegalStateException("A call returned null");
			}
			long now = System.nanoTime();
			histogram.recordValue(Math.min(now - before, LONGEST_NANOS));
			before = now;
		}
	}

	private static void rethrow(Future<?> future) throws Exception {
		try {
			future.get();
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof Exception cause) {
				throw cause;
			}
			throw ex;
		}
	}

	@Override
	public void close() {
		this.threads.shutdownNow();
	}

	/**
	 * The figures of a round.
	 *
	 * @param calls number of calls
	 * @param perSecond calls per second of all callers together
	 * @param p50 50th percentile of the call time in microseconds
	 * @param p99 99th percentile of the call time in microseconds
	 * @param bytes bytes that all threads allocated per call
	 * @param processor processor time of this process per call in microseconds
	 */
	record Result(long calls, double perSecond, double p50, double p99, double bytes, double processor) {

		static Result of(Histogram histogram, long nanos, long bytes, long processor) {
			long calls = histogram.getTotalCount();
			return new Result(calls, calls * 1e9 / nanos, histogram.getValueAtPercentile(50) / 1e3,
					histogram.getValueAtPercentile(99) / 1e3, (double) bytes / calls, processor / 1e3 / calls);
		}

		/**
		 * Return the average time between two calls in microseconds, of all callers
		 * together. As with call times, less is better.
		 */
		double interval() {
			return 1e6 / this.perSecond;
		}

	}

}
