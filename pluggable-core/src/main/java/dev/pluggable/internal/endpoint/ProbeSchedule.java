package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

	/**
	 * Probes that begin together cost much less than single ones. More of them would
	 * delay calls.
	 */
	private static final Duration MAX_TICK = Duration.ofMillis(500);

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

	private final long tickNanos;

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

	/**
	 * The probe whose results are not published yet.
	 */
	private @Nullable Probe running;

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
		this.tickNanos = tick(this.interval).toNanos();
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
		Probe running = this.running;
		if (running != null && !running.endIfDone()) {
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
		long earlier = ThreadLocalRandom.current().nextLong(nanos / 10 + 1) + this.tickNanos;
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
		this.lastNanos = this.thread.nanos();
		Probe probe = new Probe(generation);
		this.running = probe;
		probe.begin();
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

	private static ProbeResult worse(ProbeResult left, ProbeResult right) {
		return (left == ProbeResult.NONE || right.health() == ProbeResult.Health.DOWN) ? right : left;
	}

	/**
	 * One probe of the endpoint and its components. Results that are news are published
	 * at once. To wake up the host's thread costs as much as half a probe, so results
	 * that are no news wait for the next tick.
	 */
	private final class Probe {

		private final Generation generation;

		/**
		 * The components that are asked, and their routes, in the same order.
		 */
		private final List<RemoteComponent<?>> asked;

		private final List<Route> routes;

		private final List<CompletableFuture<ProbeResult>> results;

		private final List<ProbeResult> before;

		private @Nullable CompletableFuture<ProbeResult> server;

		private CompletableFuture<?> all = new CompletableFuture<>();

		private HostTicks.@Nullable Entry next;

		/**
		 * Whether the results do not wait for a tick.
		 */
		private volatile boolean urgent;

		Probe(Generation generation) {
			this.generation = generation;
			int components = ProbeSchedule.this.components.size();
			this.asked = new ArrayList<>(components);
			this.routes = new ArrayList<>(components);
			this.results = new ArrayList<>(components + 1);
			this.before = new ArrayList<>(components + 1);
		}

		void begin() {
			ProbeSchedule schedule = ProbeSchedule.this;
			for (RemoteComponent<?> component : schedule.components) {
				Route route = component.route();
				if (route != null && !route.generation().lost() && component.isProbed()) {
					this.asked.add(component);
					this.routes.add(route);
					this.before.add(component.status().probe());
					this.results.add(bounded(() -> schedule.prober.component(component, route.generation())));
				}
			}
			if (this.generation.offers(HealthGrpc.SERVICE_NAME)) {
				this.server = bounded(() -> schedule.prober.server(this.generation));
				this.before.add(schedule.endpoint.status().probe());
				this.results.add(this.server);
			}
			this.next = schedule.ticks.schedule(Duration.ofNanos(1), this::tick);
			this.all = (this.results.size() == 1) ? this.results.get(0)
					: CompletableFuture.allOf(this.results.toArray(CompletableFuture[]::new));
			this.all.whenComplete((done, failure) -> answered());
		}

		/**
		 * All results are there. Runs on any thread.
		 */
		private void answered() {
			if (this.urgent || isNews()) {
				ProbeSchedule.this.thread.execute("probing " + ProbeSchedule.this.endpoint, this::endIfDone);
			}
		}

		private boolean isNews() {
			for (int i = 0; i < this.results.size(); i++) {
				ProbeResult result = this.results.get(i).getNow(ProbeResult.NONE);
				ProbeResult before = this.before.get(i);
				if (result.health() == ProbeResult.Health.DOWN || result.health() != before.health()
						|| !Objects.equals(result.detail(), before.detail())
						|| !result.parts().equals(before.parts())) {
					return true;
				}
			}
			return this.results.isEmpty();
		}

		private void tick() {
			this.urgent = true;
			if (!endIfDone()) {
				this.next = ProbeSchedule.this.ticks.schedule(ProbeSchedule.this.timeout.plus(GRACE),
						() -> this.results.forEach((result) -> result.complete(down("the probe did not end"))));
			}
		}

		/**
		 * Publish the results if all of them are there.
		 * @return whether the probe has ended
		 */
		boolean endIfDone() {
			if (!this.all.isDone()) {
				return false;
			}
			if (ProbeSchedule.this.running == this) {
				ProbeSchedule.this.running = null;
				if (this.next != null) {
					this.next.cancel();
				}
				publish();
			}
			return true;
		}

		private void publish() {
			ProbeSchedule schedule = ProbeSchedule.this;
			boolean unwell = false;
			ProbeResult worst = ProbeResult.NONE;
			for (int i = 0; i < this.asked.size(); i++) {
				ProbeResult result = this.results.get(i).getNow(ProbeResult.NONE);
				worst = worse(worst, result);
				unwell |= result.health() == ProbeResult.Health.DOWN;
				RemoteComponent<?> component = this.asked.get(i);
				if (component.route() == this.routes.get(i)) {
					schedule.endpoint.changed(component, component.probed(result));
				}
			}
			if (schedule.endpoint.current() == this.generation) {
				ProbeResult overall = (this.server != null) ? this.server.getNow(ProbeResult.NONE) : worst;
				schedule.endpoint.probed(overall);
				unwell |= overall.health() == ProbeResult.Health.DOWN;
			}
			boolean again = schedule.runAgain;
			schedule.runAgain = false;
			if (schedule.endpoint.current() != null) {
				boolean sooner = (again || unwell) && schedule.interval.compareTo(AGAIN) > 0;
				if (sooner) {
					schedule(AGAIN);
				}
				else {
					scheduleNext();
				}
			}
		}

	}

}
