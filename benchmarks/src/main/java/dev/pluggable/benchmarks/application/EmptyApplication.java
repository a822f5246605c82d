package dev.pluggable.benchmarks.application;

import java.lang.management.ManagementFactory;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * An empty Spring Boot application, which prints the figures of its start and ends.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class EmptyApplication {

	/**
	 * Prefix of the line with milliseconds, loaded classes, bytes of the heap, and
	 * processor time of the main thread in milliseconds.
	 */
	public static final String READY = "ready ";

	/**
	 * Start the application, and end it.
	 * @param arguments properties of the application
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
