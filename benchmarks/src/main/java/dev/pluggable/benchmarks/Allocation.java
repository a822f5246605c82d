package dev.pluggable.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

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
		long sum = 0;
		for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
			sum += Math.max(0, bytes);
		}
		return sum;
	}

	/**
	 * Return the processor time of all live Java threads. Threads of the virtual machine
	 * itself, such as its compilers, do not count.
	 */
	static long threadNanos() {
		long sum = 0;
		for (long id : threads.getAllThreadIds()) {
			sum += Math.max(0, threads.getThreadCpuTime(id));
		}
		return sum;
	}

	static long processorNanos() {
		return system.getProcessCpuTime();
	}

}
