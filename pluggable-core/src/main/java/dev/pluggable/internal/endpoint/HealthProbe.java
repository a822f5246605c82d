package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.pluggable.ProbeResult;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.kind.ComponentCalls;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import org.jspecify.annotations.Nullable;

/**
 * Probes with {@code grpc.health.v1}. If the server does not offer that service, the
 * probe calls the kind's {@code Ping}. The health is unknown if the component implements
 * neither. The stages complete on any thread.
 */
final class HealthProbe implements Prober {

	private static final String HOW = "grpc.health.v1";

	private static final String REPORT = "health report";

	/** Most parts of a component that are kept. */
	private static final int MAX_PARTS = 100;

	/** Most parts whose failures are told in one text. */
	private static final int SHOWN_PARTS = 3;

	private static final int MAX_TEXT = 200;

	private static final Executor ON_EVENT_LOOP = Runnable::run;

	private final Duration timeout;

	private final HostThread thread;

	HealthProbe(Duration timeout, HostThread thread) {
		this.timeout = timeout;
		this.thread = thread;
	}

	@Override
	public CompletionStage<ProbeResult> server(Generation generation) {
		return check(generation, null, "").handle((response, failure) -> {
			if (failure == null) {
				return of(response);
			}
			return unknown(failure) ? of(ProbeResult.Health.UNKNOWN, HOW + ": not implemented")
					: of(ProbeResult.Health.DOWN, HOW + ": " + Reasons.probe(failure, this.timeout));
		});
	}

	@Override
	public CompletionStage<ProbeResult> component(RemoteComponent<?> component, Generation generation) {
		CompletionStage<ProbeResult> health = health(component, generation);
		CompletionStage<Map<String, String>> report;
		try {
			report = component.kind().health(channel(generation, component.name()));
		}
		catch (RuntimeException ex) {
			report = CompletableFuture.failedFuture(ex);
		}
		if (report == null) {
			return health;
		}
		return health.thenCombine(
				report.handle((parts, failure) -> (failure == null)
						? report(parts, component.secrets(), this.thread.now())
						: unknown(failure) ? of(ProbeResult.Health.UNKNOWN, null) : failed(component, REPORT, failure)),
				HealthProbe::combined);
	}

	/**
	 * Turn the report of a component into a result. The component is down if a part is.
	 */
	static ProbeResult report(Map<String, String> parts, SecretMask secrets, Instant now) {
		Map<String, String> failed = kept(parts, secrets, true);
		Map<String, String> well = kept(parts, secrets, false);
		if (failed.isEmpty()) {
			return new ProbeResult(ProbeResult.Health.UP, REPORT, now, well);
		}
		String faults = failed.entrySet()
			.stream()
			.limit(SHOWN_PARTS)
			.map((part) -> part.getKey() + ": " + part.getValue())
			.collect(Collectors.joining(", "));
		Map<String, String> kept = new TreeMap<>(failed);
		well.entrySet()
			.stream()
			.limit(MAX_PARTS - failed.size())
			.forEach((part) -> kept.putIfAbsent(part.getKey(), part.getValue()));
		return new ProbeResult(ProbeResult.Health.DOWN, REPORT + ": " + faults, now, kept);
	}

	/**
	 * Keep the parts that have failed, or those that are well. No failed part is left out
	 * because of the form of its name.
	 */
	private static Map<String, String> kept(Map<String, String> parts, SecretMask secrets, boolean failed) {
		TreeMap<String, String> kept = new TreeMap<>();
		parts.forEach((part, failure) -> {
			if (failure.isEmpty() != failed) {
				kept.put(LogText.visible(secrets.mask(part), MAX_TEXT),
						LogText.visible(secrets.mask(failure), MAX_TEXT));
				if (kept.size() > MAX_PARTS) {
					kept.pollLastEntry();
				}
			}
		});
		return kept;
	}

	private static ProbeResult combined(ProbeResult health, ProbeResult report) {
		ProbeResult worse = worse(health, report);
		return new ProbeResult(worse.health(), worse.detail(), worse.at(), report.parts());
	}

	private CompletionStage<ProbeResult> health(RemoteComponent<?> component, Generation generation) {
		if (!generation.offers(HealthGrpc.SERVICE_NAME)) {
			return ping(component, generation);
		}
		CompletionStage<ProbeResult> worst = null;
		for (String service : component.healthServices()) {
			CompletionStage<ProbeResult> health = service(component, generation, service);
			worst = (worst == null) ? health : worst.thenCombine(health, HealthProbe::worse);
		}
		return Objects.requireNonNull(worst);
	}

	private CompletionStage<ProbeResult> service(RemoteComponent<?> component, Generation generation, String service) {
		return check(generation, component.name(), service).handle((response, failure) -> {
			if (failure == null) {
				return CompletableFuture.completedFuture(of(response));
			}
			return unknown(failure) ? ping(component, generation)
					: CompletableFuture.completedFuture(failed(component, HOW, failure));
		}).thenCompose(Function.identity());
	}

	/**
	 * Choose the worse of two results: {@code DOWN} is worse than {@code UP}, and nothing
	 * is known of {@code UNKNOWN}.
	 */
	private static ProbeResult worse(ProbeResult left, ProbeResult right) {
		if (left.health() == ProbeResult.Health.DOWN || right.health() == ProbeResult.Health.UNKNOWN) {
			return left;
		}
		return (right.health() == ProbeResult.Health.DOWN || left.health() == ProbeResult.Health.UNKNOWN) ? right
				: left;
	}

	private CompletionStage<ProbeResult> ping(RemoteComponent<?> component, Generation generation) {
		CompletionStage<?> ping;
		try {
			ping = Objects.requireNonNull(component.kind().ping(channel(generation, component.name())));
		}
		catch (RuntimeException ex) {
			ping = CompletableFuture.failedFuture(ex);
		}
		return ping.handle((answer, failure) -> {
			if (failure == null) {
				return of(ProbeResult.Health.UP, "Ping");
			}
			return (Reasons.code(failure) == Status.Code.UNIMPLEMENTED)
					? of(ProbeResult.Health.UNKNOWN, "implements neither grpc.health.v1 nor Ping")
					: failed(component, "Ping", failure);
		});
	}

	private CompletionStage<HealthCheckResponse> check(Generation generation, @Nullable String component,
			String service) {
		return ComponentCalls.async(channel(generation, component), HealthGrpc.getCheckMethod(),
				HealthCheckRequest.newBuilder().setService(service).build());
	}

	/**
	 * Return a channel whose callbacks run on the event loop of the connection: they only
	 * complete a future, and a hand-over to another thread costs more than the callbacks.
	 */
	private Channel channel(Generation generation, @Nullable String component) {
		return generation.internalChannel(component, this.timeout, ON_EVENT_LOOP);
	}

	private static boolean unknown(Throwable failure) {
		Status.Code code = Reasons.code(failure);
		return code == Status.Code.NOT_FOUND || code == Status.Code.UNIMPLEMENTED;
	}

	private ProbeResult of(HealthCheckResponse response) {
		return switch (response.getStatus()) {
			case SERVING -> of(ProbeResult.Health.UP, HOW);
			case NOT_SERVING -> of(ProbeResult.Health.DOWN, HOW + ": NOT_SERVING");
			default -> of(ProbeResult.Health.UNKNOWN, HOW + ": " + response.getStatus());
		};
	}

	private ProbeResult failed(RemoteComponent<?> component, String how, Throwable failure) {
		return of(ProbeResult.Health.DOWN, how + ": " + component.secrets().mask(Reasons.probe(failure, this.timeout)));
	}

	private ProbeResult of(ProbeResult.Health health, @Nullable String detail) {
		return new ProbeResult(health, detail, this.thread.now());
	}

}
