package dev.pluggable.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import org.jspecify.annotations.Nullable;

/**
 * What this process has used up so far: bytes allocated by all its threads, those of the
 * event loops and the carriers of virtual threads included, and time of the processor.
 */
final class Allocation {

	private static final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private static final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory
		.getOperatingSystemMXBean();

	private static final @Nullable Method total = total();

	private Allocation() {
	}

	/**
	 * Only from JDK 21 on there is a figure that counts threads that have ended.
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
	 * Time of the processor that the threads that are alive have taken, without those of
	 * the virtual machine itself, such as its compiler's.
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
