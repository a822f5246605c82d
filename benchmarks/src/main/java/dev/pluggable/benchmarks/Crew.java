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
 * So many threads that do the same over and over, each waiting for the end of one call
 * before it begins the next. They stay the same from round to round.
 */
final class Crew implements AutoCloseable {

	private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);

	private final int size;

	private final ExecutorService threads;

	private final List<Histogram> histograms = new ArrayList<>();

	private volatile boolean stopped;

	private Crew(int size, ExecutorService threads) {
		this.size = size;
		this.threads = threads;
		for (int i = 0; i < size; i++) {
			this.histograms.add(new Histogram(LONGEST_NANOS, 3));
		}
	}

	static Crew platform(int size) {
		return new Crew(size, Executors.newFixedThreadPool(size, (task) -> {
			Thread thread = new Thread(task, "caller");
			thread.setDaemon(true);
			return thread;
		}));
	}

	/**
	 * A crew of virtual threads.
	 * @throws UnsupportedOperationException if this JDK has none
	 */
	static Crew virtual(int size) {
		try {
			return new Crew(size,
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
	 * Call for a while.
	 * @param calls what each of the crew calls, as many as there are
	 * @param duration how long
	 * @return what came of it
	 */
	Round round(List<? extends Callable<?>> calls, Duration duration) throws Exception {
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
					// Its thread must be there when the bytes are counted.
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
		// The measured time itself, not a wait for something.
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
		return Round.of(all, nanos, bytes, processor);
	}

	private void repeat(Callable<?> call, Histogram histogram) throws Exception {
		long before = System.nanoTime();
		while (!this.stopped) {
			if (call.call() == null) {
				throw new IllegalStateException("A call has no result");
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
	 * What came of a round.
	 *
	 * @param calls how many calls
	 * @param perSecond calls a second, of all callers together
	 * @param p50 half of the calls took at most so many microseconds
	 * @param p99 99 of 100 took at most so many microseconds
	 * @param bytes bytes allocated for each call, by all threads
	 * @param processor microseconds of the processor for each call, in this process
	 */
	record Round(long calls, double perSecond, double p50, double p99, double bytes, double processor) {

		static Round of(Histogram histogram, long nanos, long bytes, long processor) {
			long calls = histogram.getTotalCount();
			return new Round(calls, calls * 1e9 / nanos, histogram.getValueAtPercentile(50) / 1e3,
					histogram.getValueAtPercentile(99) / 1e3, (double) bytes / calls, processor / 1e3 / calls);
		}

		/**
		 * Microseconds from one call to the next, of all callers together: what is the
		 * less the better, as the times of the calls are.
		 */
		double interval() {
			return 1e6 / this.perSecond;
		}

	}

}
