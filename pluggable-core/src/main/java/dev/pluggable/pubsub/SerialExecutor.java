package dev.pluggable.pubsub;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one after the other in the order in which they came, on the threads of
 * another executor. Takes no thread while there are none.
 */
final class SerialExecutor implements Executor {

	private final Executor executor;

	private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

	private final AtomicInteger open = new AtomicInteger();

	SerialExecutor(Executor executor) {
		this.executor = executor;
	}

	/**
	 * Run a task after those that came before. It must not throw.
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
