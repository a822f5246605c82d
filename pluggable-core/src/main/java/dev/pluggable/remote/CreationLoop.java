package dev.pluggable.remote;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.internal.support.Backoff;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.remote.CreationAttempt.Created;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes attempts to create a remote object, one at a time, until one succeeds. A failed
 * attempt is followed by another after a delay that doubles. Attempts need a current
 * generation of the parent: without one, the next attempt begins when the parent is
 * ready. Belongs to the host's thread.
 */
final class CreationLoop {

	private static final Logger logger = LoggerFactory.getLogger(CreationLoop.class);

	static final Duration FIRST_RETRY = Duration.ofMillis(100);

	static final Duration LAST_RETRY = Duration.ofSeconds(5);

	private final ComponentClient client;

	private final RemoteObject.Creator creator;

	private final HostThread thread;

	private final Listener listener;

	private final Backoff backoff = new Backoff(FIRST_RETRY, LAST_RETRY);

	private @Nullable ComponentGeneration parent;

	private volatile @Nullable CreationAttempt attempt;

	private HostThread.@Nullable Timer retry;

	/**
	 * Whether the object must be created.
	 */
	private boolean wanted = true;

	private boolean stopped;

	/** Whether an attempt begins when all host services are there. */
	private volatile boolean awaitsServices;

	/**
	 * Create a loop that waits for the parent.
	 * @param client the object
	 * @param creator makes the call that creates the object
	 * @param thread the host's thread
	 * @param listener hears of the attempts, on the host's thread
	 */
	CreationLoop(ComponentClient client, RemoteObject.Creator creator, HostThread thread, Listener listener) {
		this.client = client;
		this.creator = creator;
		this.thread = thread;
		this.listener = listener;
	}

	/**
	 * Another generation of the parent is ready. The object must be created on that
	 * generation, so an attempt on an earlier one is given up. A generation that only
	 * continues the earlier one changes nothing.
	 */
	void parentReady(ComponentGeneration generation) {
		this.thread.assertCurrent();
		if (this.stopped || (this.parent != null && generation.number() <= this.parent.number())) {
			return;
		}
		boolean continued = this.parent != null && generation.continues(this.parent);
		this.parent = generation;
		if (continued && !this.wanted) {
			return;
		}
		this.wanted = true;
		this.backoff.reset();
		if (continued) {
			begin();
		}
		else if (this.attempt != null) {
			// The end of this attempt begins the next one.
			this.attempt.cancel();
		}
		else {
			begin();
		}
	}

	/**
	 * The process of the parent is being stopped, so an attempt there is given up. The
	 * next generation of the parent begins another one.
	 */
	void parentStops() {
		this.thread.assertCurrent();
		cancelRetry();
		this.parent = null;
		if (this.attempt != null) {
			this.attempt.cancel();
		}
	}

	/**
	 * The object was lost and must be created again.
	 */
	void again() {
		this.thread.assertCurrent();
		this.wanted = true;
		begin();
	}

	/**
	 * The object must be created again together with others. If an attempt has failed,
	 * its delay stays: otherwise objects whose connections fail would begin attempts of
	 * each other without end.
	 */
	void againWithOthers() {
		this.thread.assertCurrent();
		this.wanted = true;
		if (this.retry == null) {
			begin();
		}
	}

	/**
	 * Give up the attempt that is under way and begin no other.
	 */
	void stop() {
		this.thread.assertCurrent();
		this.stopped = true;
		cancelRetry();
		if (this.attempt != null) {
			this.attempt.cancel();
		}
	}

	/**
	 * Tell whether an attempt is under way. May be called from any thread.
	 */
	boolean attempting() {
		return this.attempt != null;
	}

	/**
	 * Tell whether the next attempt waits for host services. May be called from any
	 * thread.
	 */
	boolean awaitsServices() {
		return this.awaitsServices;
	}

	private void begin() {
		cancelRetry();
		ComponentGeneration parent = this.parent;
		if (this.stopped || this.attempt != null || parent == null || !parent.current()) {
			return;
		}
		if (awaitsHostServices(parent)) {
			return;
		}
		CreationAttempt attempt;
		try {
			attempt = new CreationAttempt(this.client.component(), parent, this.thread.scheduler());
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The host has closed", ex);
			return;
		}
		this.attempt = attempt;
		attempt.outcome()
			.whenComplete((created, failure) -> this.thread.execute("taking over an attempt to create " + this.client,
					() -> ended(attempt, created, failure)));
		try {
			this.client.executor().execute(() -> attempt.run(this.creator));
		}
		catch (RejectedExecutionException ex) {
			attempt.cancel();
		}
	}

	/**
	 * Wait until the application offers all its host services: the creator may need any
	 * of them, and numbers that it serves before expire.
	 * @return whether the next attempt must wait
	 */
	private boolean awaitsHostServices(ComponentGeneration parent) {
		if (!(parent.attributes().get(HostServices.KEY) instanceof HostServiceRegistry registry)
				|| registry.isComplete()) {
			return false;
		}
		if (!this.awaitsServices) {
			this.awaitsServices = true;
			this.listener.progressed("waiting for the host services, since the application is still starting");
			registry.whenComplete(() -> this.thread.execute("creating " + this.client, () -> {
				this.awaitsServices = false;
				if (!this.stopped) {
					this.listener.progressed("it is being created");
					begin();
				}
			}));
		}
		return true;
	}

	private void ended(CreationAttempt attempt, @Nullable Created created, @Nullable Throwable failure) {
		this.thread.assertCurrent();
		this.attempt = null;
		ComponentGeneration parent = this.parent;
		boolean outdated = attempt.parent() != parent && (parent == null || !parent.continues(attempt.parent()));
		if (this.stopped || outdated) {
			if (created != null) {
				created.close();
			}
			begin();
		}
		else if (created != null) {
			this.backoff.reset();
			this.wanted = false;
			this.listener.created(created);
		}
		else if (failure != null) {
			this.listener.failed(attempt.parent(), failure);
			this.retry = this.thread.schedule("creating " + this.client + " again", jittered(this.backoff.nextMillis()),
					this::begin);
		}
	}

	/**
	 * Vary a delay, so that objects that were lost together are not all created at one
	 * moment.
	 */
	private static Duration jittered(long millis) {
		return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
	}

	private void cancelRetry() {
		if (this.retry != null) {
			this.retry.cancel();
			this.retry = null;
		}
	}

	/**
	 * Hears of the attempts.
	 */
	interface Listener {

		/**
		 * The next attempt waits.
		 * @param what what the attempt waits for, for the status
		 */
		void progressed(String what);

		/**
		 * An attempt has succeeded.
		 * @param created the result, which belongs to the listener
		 */
		void created(Created created);

		/**
		 * An attempt has failed. Another follows.
		 * @param parent the generation of the parent on which it has failed
		 * @param failure why it has failed
		 */
		void failed(ComponentGeneration parent, Throwable failure);

	}

}
