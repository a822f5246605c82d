package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.pluggable.ComponentEvent;
import dev.pluggable.ProbeResult;
import io.grpc.health.v1.HealthGrpc;
import org.jspecify.annotations.Nullable;

/**
 * When an endpoint and the components on it are asked for their health: at an interval,
 * more often while something is wrong, and soon after a call has passed its deadline. All
 * methods but {@link #soon()} belong to the host's thread.
 */
final class ProbeSchedule {

	private static final Duration AGAIN = Duration.ofSeconds(1);

	private static final Duration TICK = Duration.ofMillis(250);

	/**
	 * A kind's future may never end, whatever the deadline of its calls.
	 */
	private static final Duration GRACE = Duration.ofSeconds(1);

	private final EndpointContext context;

	private final HealthProbe probe;

	private final Supplier<@Nullable Generation> current;

	private final List<RemoteComponent<?>> components;

	private final Consumer<ProbeResult> endpointProbed;

	private final AtomicBoolean requested = new AtomicBoolean();

	private @Nullable ScheduledFuture<?> next;

	private boolean running;

	private boolean runAgain;

	private long lastNanos = System.nanoTime() - AGAIN.toNanos();

	/**
	 * A schedule that has not begun.
	 * @param context what all endpoints share
	 * @param current the generation to ask
	 * @param components the components to ask
	 * @param endpointProbed takes the result for the endpoint itself
	 */
	ProbeSchedule(EndpointContext context, Supplier<@Nullable Generation> current, List<RemoteComponent<?>> components,
			Consumer<ProbeResult> endpointProbed) {
		this.context = context;
		this.probe = new HealthProbe(context.settings().probeTimeout(), context.executor());
		this.current = current;
		this.components = components;
		this.endpointProbed = endpointProbed;
	}

	/**
	 * Probe because something looks wrong, but not more often than each second. May be
	 * called from any thread.
	 */
	void soon() {
		if (this.requested.compareAndSet(false, true)) {
			try {
				this.context.executor().execute(() -> {
					long since = System.nanoTime() - this.lastNanos;
					schedule(Duration.ofNanos(Math.max(0, AGAIN.toNanos() - since)));
				});
			}
			catch (RejectedExecutionException ex) {
				// The host has closed.
			}
		}
	}

	/**
	 * Probe because there is somebody new to ask.
	 */
	void now() {
		schedule(Duration.ZERO);
	}

	void stop() {
		if (this.next != null) {
			this.next.cancel(false);
			this.next = null;
		}
	}

	private void schedule(Duration delay) {
		if (this.running) {
			this.runAgain = true;
			return;
		}
		stop();
		this.next = this.context.executor().schedule(this::probe, delay.toNanos(), TimeUnit.NANOSECONDS);
	}

	private void probe() {
		this.next = null;
		this.requested.set(false);
		Generation generation = this.current.get();
		if (generation == null) {
			return;
		}
		this.running = true;
		this.lastNanos = System.nanoTime();
		Map<RemoteComponent<?>, Route> asked = new LinkedHashMap<>();
		List<CompletableFuture<ProbeResult>> results = new ArrayList<>();
		for (RemoteComponent<?> component : this.components) {
			Route route = component.route();
			if (route != null && !route.generation().lost()) {
				asked.put(component, route);
				results.add(bounded(this.probe.component(component, route.generation())));
			}
		}
		CompletableFuture<ProbeResult> server = generation.offers(HealthGrpc.SERVICE_NAME)
				? bounded(this.probe.server(generation)) : null;
		if (server != null) {
			results.add(server);
		}
		ScheduledFuture<?> deadline = this.context.executor()
			.schedule(() -> results.forEach((result) -> result.complete(unanswered())),
					this.context.settings().probeTimeout().plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
		CompletableFuture.allOf(results.toArray(CompletableFuture[]::new)).whenCompleteAsync((done, failure) -> {
			deadline.cancel(false);
			ended(generation, asked, results, server);
		}, this.context.executor());
	}

	private static CompletableFuture<ProbeResult> bounded(CompletionStage<ProbeResult> probe) {
		CompletableFuture<ProbeResult> result = new CompletableFuture<>();
		probe.whenComplete((outcome, failure) -> result.complete((outcome != null) ? outcome
				: new ProbeResult(ProbeResult.Health.DOWN, String.valueOf(failure), Instant.now())));
		return result;
	}

	private static ProbeResult unanswered() {
		return new ProbeResult(ProbeResult.Health.DOWN, "the probe did not end", Instant.now());
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
			if (component.route() == entry.getValue() && component.probed(result)) {
				this.context.listener()
					.componentChanged(new ComponentEvent(ComponentEvent.Change.CHANGED, component, component.status()));
			}
		}
		if (this.current.get() == generation) {
			ProbeResult overall = (server != null) ? server.getNow(ProbeResult.NONE) : worst;
			this.endpointProbed.accept(overall);
			unwell |= overall.health() == ProbeResult.Health.DOWN;
		}
		Duration interval = this.context.settings().probeInterval();
		boolean again = this.runAgain;
		this.runAgain = false;
		if (this.current.get() != null) {
			boolean sooner = (again || unwell) && interval.compareTo(AGAIN) > 0;
			schedule(sooner ? AGAIN : spread(interval));
		}
	}

	private static ProbeResult worse(ProbeResult left, ProbeResult right) {
		return (left == ProbeResult.NONE || right.health() == ProbeResult.Health.DOWN) ? right : left;
	}

	/**
	 * So that many endpoints are probed neither all at once nor each alone: threads that
	 * wake up for each of them cost more than the probes.
	 */
	private static Duration spread(Duration interval) {
		long nanos = interval.toNanos();
		long tick = Math.min(nanos / 20 + 1, TICK.toNanos());
		long delay = nanos - ThreadLocalRandom.current().nextLong(nanos / 10 + 1);
		long past = Math.floorMod(System.nanoTime() + delay, tick);
		return Duration.ofNanos(Math.max(0, delay - past));
	}

}
