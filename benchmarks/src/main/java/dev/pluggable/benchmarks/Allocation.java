package dev.pluggable.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongUnaryOperator;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import org.jspecify.annotations.Nullable;

/**
 * Tells what this process has used so far: the bytes that all its threads allocated,
 * including event loops and carriers of virtual threads, and processor time.
 */
final class Allocation {

	private static final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private static final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory
		.getOperatingSystemMXBean();

	private static final @Nullable Method total = total();

	/**
	 * The last bytes and processor time that were seen of each thread, by its id. A
	 * thread that ends would otherwise take away what it has used.
	 */
	private static final Map<Long, Long> seenBytes = new ConcurrentHashMap<>();

	private static final Map<Long, Long> seenNanos = new ConcurrentHashMap<>();

	private Allocation() {
	}

	/**
	 * Return the method that counts ended threads as well, which exists since JDK 21.
	 */
	private static @Nullable Method total() {
		try {
			return ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes");
		}
		catch (NoSuchMethodException ex) {
			return null;
		}
	}

	static long bytes() {
		if (total != null) {
			try {
				return (long) total.invoke(threads);
			}
			catch (IllegalAccessException | InvocationTargetException ex) {
				throw new IllegalStateException(ex);
			}
		}
		return sum(seenBytes, threads::getThreadAllocatedBytes);
	}

	/**
	 * Return the processor time of all Java threads. Threads of the virtual machine
	 * itself, such as its compilers, do not count, and of a thread that has ended only
	 * what was seen before.
	 */
	static long threadNanos() {
		return sum(seenNanos, threads::getThreadCpuTime);
	}

	private static long sum(Map<Long, Long> seen, LongUnaryOperator figure) {
		for (long id : threads.getAllThreadIds()) {
			// The figure of a thread that has just ended is -1.
			seen.merge(id, figure.applyAsLong(id), Math::max);
		}
		return seen.values().stream().mapToLong((value) -> Math.max(0, value)).sum();
	}

	static long processorNanos() {
		return system.getProcessCpuTime();
	}

}
