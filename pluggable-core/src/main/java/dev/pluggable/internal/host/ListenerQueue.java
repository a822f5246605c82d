package dev.pluggable.internal.host;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

import dev.pluggable.ComponentEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events that wait for one listener of an application. Such a listener may block, so
 * each listener has a queue and a thread of its own and never holds up another listener
 * or the host's thread.
 */
final class ListenerQueue {

	private static final Logger logger = LoggerFactory.getLogger(ListenerQueue.class);

	private static final int MAX_PENDING = 10_000;

	private final Consumer<ComponentEvent> listener;

	private final Executor executor;

	private final Queue<ComponentEvent> pending = new ArrayDeque<>();

	private boolean running;

	private boolean overflown;

	private volatile boolean closed;

	ListenerQueue(Consumer<ComponentEvent> listener, Executor executor) {
		this.listener = listener;
		this.executor = executor;
	}

	void add(ComponentEvent event) {
		synchronized (this.pending) {
			if (this.pending.size() >= MAX_PENDING) {
				if (!this.overflown) {
					this.overflown = true;
					logger.warn("A listener is too slow; it loses events until it has caught up");
				}
				return;
			}
			this.pending.add(event);
			if (this.running) {
				return;
			}
			this.running = true;
		}
		try {
			this.executor.execute(this::drain);
		}
		catch (RejectedExecutionException ex) {
			// The host has closed.
			close();
		}
	}

	private void drain() {
		while (true) {
			ComponentEvent event;
			synchronized (this.pending) {
				event = this.pending.poll();
				if (event == null || this.closed) {
					this.running = false;
					this.overflown = false;
					return;
				}
			}
			tell(event);
		}
	}

	private void tell(ComponentEvent event) {
		try {
			this.listener.accept(event);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A listener failed on {} of {} component '{}'", event.change(), event.component().kind().name(),
					event.component().name(), ex);
		}
	}

	void close() {
		this.closed = true;
	}

}
