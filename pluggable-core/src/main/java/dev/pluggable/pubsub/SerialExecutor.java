package dev.pluggable.pubsub;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one after the other, in the order of their arrival, on the threads of
 * another executor. Occupies no thread while it has no tasks.
 */
final class SerialExecutor implements Executor {

	private final Executor executor;

	private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

	private final AtomicInteger open = new AtomicInteger();

	SerialExecutor(Executor executor) {
		this.executor = executor;
	}

	/**
	 * Run a task after all earlier tasks. The task must not throw exceptions.
	 */
	@Override
	public void execute(Runnable task) {
		this.tasks.add(task);
		if (this.open.getAndIncrement() == 0) {
			this.executor.execute(this::runAll);
		}
	}

	private void runAll() {
		do {
			Runnable task = this.tasks.poll();
			if (task != null) {
				task.run();
			}
		}
		while (this.open.decrementAndGet() != 0);
	}

}
