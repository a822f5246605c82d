package dev.pluggable.internal.support;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Creates daemon threads for one executor, and recognises them. Code of the application
 * that runs on such a thread may close the owner of the executor, which then must not
 * wait for the thread. Safe for use by many threads.
 */
public final class OwnThreads implements ThreadFactory {

	private final String name;

	private final boolean numbered;

	private final AtomicInteger number = new AtomicInteger();

	private OwnThreads(String name, boolean numbered) {
		this.name = name;
		this.numbered = numbered;
	}

	/**
	 * A factory whose threads all have the same name.
	 * @param name the name
	 * @return the factory
	 */
	public static OwnThreads named(String name) {
		return new OwnThreads(name, false);
	}

	/**
	 * A factory that numbers its threads, beginning with 1.
	 * @param prefix the name of each thread without its number
	 * @return the factory
	 */
	public static OwnThreads numbered(String prefix) {
		return new OwnThreads(prefix, true);
	}

	@Override
	public Thread newThread(Runnable task) {
		return new OwnThread(this, task, this.numbered ? this.name + this.number.incrementAndGet() : this.name);
	}

	/**
	 * Whether this factory has created the calling thread.
	 * @return {@code true} if so
	 */
	public boolean isCurrent() {
		return Thread.currentThread() instanceof OwnThread thread && thread.owner == this;
	}

	private static final class OwnThread extends Thread {

		private final OwnThreads owner;

		OwnThread(OwnThreads owner, Runnable task, String name) {
			super(task, name);
			this.owner = owner;
			setDaemon(true);
		}

	}

}
