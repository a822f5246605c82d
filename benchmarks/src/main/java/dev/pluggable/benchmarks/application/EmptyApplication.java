package dev.pluggable.benchmarks.application;

import java.lang.management.ManagementFactory;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A Spring Boot application with nothing in it, which says how long its start took and
 * ends.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class EmptyApplication {

	/**
	 * Comes before milliseconds, classes, bytes of the heap, and milliseconds of the
	 * processor that this thread took.
	 */
	public static final String READY = "ready ";

	/**
	 * Start, and end.
	 * @param arguments properties
	 */
	public static void main(String[] arguments) {
		try (var context = SpringApplication.run(EmptyApplication.class, arguments)) {
			long millis = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
			long processor = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1_000_000;
			int classes = ManagementFactory.getClassLoadingMXBean().getLoadedClassCount();
			System.gc();
			Runtime runtime = Runtime.getRuntime();
			System.out.println(READY + millis + " " + classes + " " + (runtime.totalMemory() - runtime.freeMemory())
					+ " " + processor);
		}
	}

}
