package dev.pluggable.internal.host;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointSource;
import dev.pluggable.internal.support.HostThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the endpoints of a host equal to what the sources report: periodically, and soon
 * after each hint. A hint only says that something may have changed, so a lost hint costs
 * time and nothing else.
 */
public final class Reconciler {

	private static final Logger logger = LoggerFactory.getLogger(Reconciler.class);

	private final HostThread thread;

	private final List<EndpointSource> sources;

	private final HostEndpoints endpoints;

	private final Duration interval;

	private final Duration goneAfter;

	private final Runnable reconciled;

	private final AtomicBoolean requested = new AtomicBoolean();

	/**
	 * When the host first missed the process of an endpoint, on the host's ticker.
	 */
	private final Map<Endpoint, Long> missingSince = new HashMap<>();

	private volatile boolean started;

	private volatile boolean done;

	private volatile boolean stopped;

	/**
	 * A reconciler that has not started.
	 * @param thread the host's thread
	 * @param sources the sources
	 * @param endpoints the endpoints
	 * @param interval time between two rounds without a hint
	 * @param goneAfter how long no source may claim an endpoint until its discovered
	 * components are gone
	 * @param reconciled called on the host's thread after each round
	 */
	public Reconciler(HostThread thread, List<EndpointSource> sources, HostEndpoints endpoints, Duration interval,
			Duration goneAfter, Runnable reconciled) {
		this.thread = thread;
		this.sources = sources;
		this.endpoints = endpoints;
		this.interval = interval;
		this.goneAfter = goneAfter;
		this.reconciled = reconciled;
	}

	/**
	 * Start all sources and reconcile from now on. Returns at once.
	 */
	public void start() {
		this.started = true;
		this.sources.forEach((source) -> source.start(this::request));
		this.thread.execute("looking for components", this::round);
	}

	/**
	 * Reconcile soon. May be called from any thread.
	 */
	public void request() {
		if (this.requested.compareAndSet(false, true)) {
			this.thread.execute("looking for components", this::reconcile);
		}
	}

	/**
	 * Whether a first round has ended. May be called from any thread.
	 * @return {@code true} once all sources have been asked
	 */
	public boolean done() {
		return this.done;
	}

	/**
	 * Tell whether the first round is under way. May be called from any thread.
	 * @return {@code true} from the start until all sources have been asked
	 */
	public boolean isLooking() {
		return this.started && !this.done && !this.stopped;
	}

	/**
	 * Begin no further round. May be called from any thread.
	 */
	public void stop() {
		this.stopped = true;
	}

	private void round() {
		try {
			reconcile();
		}
		finally {
			this.thread.schedule("looking for components", this.interval, this::round);
		}
	}

	private void reconcile() {
		this.thread.assertCurrent();
		this.requested.set(false);
		if (this.stopped) {
			return;
		}
		for (EndpointSource source : this.sources) {
			guarded(source, source::reconcile);
		}
		for (Endpoint endpoint : this.endpoints.unclaimed()) {
			guarded(endpoint, () -> missing(endpoint));
		}
		this.missingSince.keySet().retainAll(Set.copyOf(this.endpoints.unclaimed()));
		this.done = true;
		this.reconciled.run();
	}

	/**
	 * No source claims an endpoint. Its connection, if it has one, may outlive the claim.
	 */
	private void missing(Endpoint endpoint) {
		endpoint.update(null);
		if (endpoint.connected() || endpoint.isGone()) {
			this.missingSince.remove(endpoint);
			return;
		}
		if (endpoint.components().isEmpty()) {
			endpoint.close();
			this.endpoints.remove(endpoint);
			return;
		}
		long now = this.thread.nanos();
		long since = this.missingSince.computeIfAbsent(endpoint, (key) -> now);
		if (now - since >= this.goneAfter.toNanos()) {
			endpoint.markGone();
			this.missingSince.remove(endpoint);
		}
	}

	/**
	 * A failure of one source or endpoint must not harm the others.
	 */
	private static void guarded(Object subject, Runnable task) {
		try {
			task.run();
		}
		catch (RuntimeException | Error ex) {
			logger.error("Looking after {} failed; the host looks again later", subject, ex);
		}
	}

}
