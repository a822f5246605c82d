package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import dev.pluggable.ProbeResult;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.support.HostTicks;
import io.grpc.health.v1.HealthGrpc;
import org.jspecify.annotations.Nullable;

/**
 * Decides when an endpoint and its components are probed: at an interval, more often
 * while something is wrong, and soon after a call missed its deadline. All methods except
 * {@link #soon()} belong to the host's thread.
 */
final class ProbeSchedule {

	/**
	 * The shortest time between two probes, unless the interval is shorter.
	 */
	private static final Duration AGAIN = Duration.ofSeconds(1);

	private static final Duration MAX_TICK = Duration.ofMillis(250);

	/**
	 * The calls of a probe have a deadline, but the future of a kind may end later or
	 * never.
	 */
	private static final Duration GRACE = Duration.ofSeconds(1);

	/**
	 * Calls prove that a process answers, but not that the process calls itself well.
	 */
	private static final int MAX_SKIPPED = 2;

	private final Endpoint endpoint;

	private final HostThread thread;

	private final HostTicks ticks;

	private final Duration interval;

	private final Duration timeout;

	private final Prober prober;

	private final List<RemoteComponent<?>> components;

	/**
	 * Whether something has looked wrong since the last probe.
	 */
	private final AtomicBoolean requested = new AtomicBoolean();

	/**
	 * Cancels the next probe.
	 */
	private @Nullable Runnable next;

	private boolean running;

	private boolean runAgain;

	private long lastNanos;

	/**
	 * The number of probes in a row that were not necessary.
	 */
	private int skipped;

	/**
	 * Create a schedule that has not begun.
	 * @param endpoint the endpoint
	 * @param prober asks for health
	 * @param components the components of the endpoint
	 */
	ProbeSchedule(Endpoint endpoint, Prober prober, List<RemoteComponent<?>> components) {
		this.endpoint = endpoint;
		this.thread = endpoint.context().thread();
		this.ticks = endpoint.context().ticks();
		this.interval = endpoint.context().settings().probeInterval();
		this.timeout = endpoint.context().settings().probeTimeout();
		this.prober = prober;
		this.components = components;
		this.lastNanos = this.thread.nanos() - AGAIN.toNanos();
	}

	/**
	 * Return the time between the moments at which endpoints are probed.
	 * @param interval the interval of the probes of one endpoint
	 */
	static Duration tick(Duration interval) {
		Duration tick = interval.dividedBy(20).plusNanos(1);
		return (tick.compareTo(MAX_TICK) < 0) ? tick : MAX_TICK;
	}

	/**
	 * Probe soon, because something looks wrong, but at most once a second. May be called
	 * from any thread.
	 */
	void soon() {
		if (this.requested.compareAndSet(false, true)) {
			this.thread.execute("probing " + this.endpoint, () -> {
				long since = this.thread.nanos() - this.lastNanos;
				schedule(Duration.ofNanos(Math.max(0, AGAIN.toNanos() - since)));
			});
		}
	}

	/**
	 * Probe now, because there is a new process or a new component.
	 */
	void now() {
		schedule(Duration.ZERO);
	}

	void stop() {
		if (this.next != null) {
			this.next.run();
			this.next = null;
		}
	}

	private void schedule(Duration delay) {
		if (this.endpoint.isClosed()) {
			return;
		}
		if (this.running) {
			this.runAgain = true;
			return;
		}
		stop();
		this.next = this.thread.schedule("probing " + this.endpoint, delay, this::probe)::cancel;
	}

	/**
	 * Probe after the interval. Many endpoints share the ticks, because wake-ups cost
	 * more than probes. The interval varies, so that the host does not probe all
	 * endpoints at one tick.
	 */
	private void scheduleNext() {
		if (this.endpoint.isClosed()) {
			return;
		}
		stop();
		long nanos = this.interval.toNanos();
		long earlier = ThreadLocalRandom.current().nextLong(nanos / 10 + 1) + tick(this.interval).toNanos();
		this.next = this.ticks.schedule(Duration.ofNanos(Math.max(0, nanos - earlier)), this::probe)::cancel;
	}

	private void probe() {
		this.next = null;
		boolean suspected = this.requested.getAndSet(false);
		Generation generation = this.endpoint.current();
		if (generation == null) {
			return;
		}
		if (!suspected && this.skipped < MAX_SKIPPED && haveAnswered()) {
			this.skipped++;
			this.lastNanos = this.thread.nanos();
			scheduleNext();
			return;
		}
		this.skipped = 0;
		this.running = true;
		this.lastNanos = this.thread.nanos();
		Map<RemoteComponent<?>, Route> asked = new LinkedHashMap<>();
		List<CompletableFuture<ProbeResult>> results = new ArrayList<>();
		for (RemoteComponent<?> component : this.components) {
			Route route = component.route();
			if (route != null && !route.generation().lost() && component.isProbed()) {
				asked.put(component, route);
				results.add(bounded(() -> this.prober.component(component, route.generation())));
			}
		}
		CompletableFuture<ProbeResult> server = generation.offers(HealthGrpc.SERVICE_NAME)
				? bounded(() -> this.prober.server(generation)) : null;
		if (server != null) {
			results.add(server);
		}
		HostTicks.Entry deadline = this.ticks.schedule(this.timeout.plus(GRACE),
				() -> results.forEach((result) -> result.complete(down("the probe did not end"))));
		CompletableFuture.allOf(results.toArray(CompletableFuture[]::new)).whenCompleteAsync((done, failure) -> {
			deadline.cancel();
			ended(generation, asked, results, server);
		}, this.thread.executor("probing " + this.endpoint));
	}

	/**
	 * Tell whether all components have answered calls since the last probe, and were well
	 * then.
	 */
	private boolean haveAnswered() {
		boolean routed = false;
		for (RemoteComponent<?> component : this.components) {
			if (component.isProbed() && component.routed()) {
				routed = true;
				if (!component.answeredSince(this.lastNanos)) {
					return false;
				}
			}
		}
		return routed;
	}

	/**
	 * Begin a probe. A prober that throws an exception has failed, and the schedule goes
	 * on.
	 */
	private CompletableFuture<ProbeResult> bounded(Supplier<CompletionStage<ProbeResult>> probe) {
		CompletableFuture<ProbeResult> result = new CompletableFuture<>();
		try {
			probe.get()
				.whenComplete((outcome, failure) -> result
					.complete((outcome != null) ? outcome : down(String.valueOf(failure))));
		}
		catch (RuntimeException | Error ex) {
			result.complete(down(String.valueOf(ex)));
		}
		return result;
	}

	private ProbeResult down(String detail) {
		return new ProbeResult(ProbeResult.Health.DOWN, detail, this.thread.now());
	}

	private void ended(Generation generation, Map<RemoteComponent<?>, Route> asked,
			List<CompletableFuture<ProbeResult>> results, @Nullable CompletableFuture<ProbeResult> server) {
		this.running = false;
		boolean unwell = false;
		ProbeResult worst = ProbeResult.NONE;
		int i = 0;
		for (Map.Entry<RemoteComponent<?>, Route> entry : asked.entrySet()) {
			ProbeResult result = results.get(i++).getNow(ProbeResult.NONE);
			worst = worse(worst, result);
			unwell |= result.health() == ProbeResult.Health.DOWN;
			RemoteComponent<?> component = entry.getKey();
			if (component.route() == entry.getValue()) {
				this.endpoint.changed(component, component.probed(result));
			}
		}
		if (this.endpoint.current() == generation) {
			ProbeResult overall = (server != null) ? server.getNow(ProbeResult.NONE) : worst;
			this.endpoint.probed(overall);
			unwell |= overall.health() == ProbeResult.Health.DOWN;
		}
		boolean again = this.runAgain;
		this.runAgain = false;
		if (this.endpoint.current() != null) {
			boolean sooner = (again || unwell) && this.interval.compareTo(AGAIN) > 0;
			if (sooner) {
				schedule(AGAIN);
			}
			else {
				scheduleNext();
			}
		}
	}

	private static ProbeResult worse(ProbeResult left, ProbeResult right) {
		return (left == ProbeResult.NONE || right.health() == ProbeResult.Health.DOWN) ? right : left;
	}

}
