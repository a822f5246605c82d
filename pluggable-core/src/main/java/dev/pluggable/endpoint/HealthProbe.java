package dev.pluggable.endpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import dev.pluggable.ComponentCalls;
import dev.pluggable.ProbeResult;
import io.grpc.Channel;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the health of servers and components: {@code grpc.health.v1} first, else the
 * kind's {@code Ping}. Whoever implements neither is of unknown health. Never blocks.
 */
final class HealthProbe {

	private final Duration timeout;

	private final Executor executor;

	HealthProbe(Duration timeout, Executor executor) {
		this.timeout = timeout;
		this.executor = executor;
	}

	/**
	 * Ask a server for its overall health.
	 * @return completes with the result, never fails
	 */
	CompletionStage<ProbeResult> server(Channel channel) {
		return result(check(channel(channel, null), ""), "grpc.health.v1");
	}

	/**
	 * Ask for the health of a component.
	 * @param hasHealthService whether the server listed {@code grpc.health.v1.Health}
	 * @return completes with the result, never fails
	 */
	CompletionStage<ProbeResult> component(RemoteComponent<?> component, Channel channel, boolean hasHealthService) {
		if (!hasHealthService) {
			return ping(component, channel);
		}
		Channel probe = channel(channel, component.name());
		return check(probe, component.kind().services().get(0)).handle((status, failure) -> {
			boolean unknown = failure != null && (Reasons.code(failure) == Status.Code.NOT_FOUND
					|| Reasons.code(failure) == Status.Code.UNIMPLEMENTED);
			return unknown ? ping(component, channel)
					: result((failure != null) ? CompletableFuture.<HealthCheckResponse>failedFuture(failure)
							: CompletableFuture.completedFuture(status), "grpc.health.v1");
		}).thenCompose(Function.identity());
	}

	private CompletionStage<ProbeResult> ping(RemoteComponent<?> component, Channel channel) {
		CompletionStage<?> ping;
		try {
			ping = component.kind().ping(channel(channel, component.name()));
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
					: of(ProbeResult.Health.DOWN, "Ping: " + Reasons.probe(failure, this.timeout));
		});
	}

	private CompletionStage<HealthCheckResponse> check(Channel channel, String service) {
		return ComponentCalls.async(channel, HealthGrpc.getCheckMethod(),
				HealthCheckRequest.newBuilder().setService(service).build());
	}

	private CompletionStage<ProbeResult> result(CompletionStage<HealthCheckResponse> response, String how) {
		return response.handle((status, failure) -> {
			if (failure != null) {
				Status.Code code = Reasons.code(failure);
				return (code == Status.Code.UNIMPLEMENTED || code == Status.Code.NOT_FOUND)
						? of(ProbeResult.Health.UNKNOWN, how + ": not implemented")
						: of(ProbeResult.Health.DOWN, how + ": " + Reasons.probe(failure, this.timeout));
			}
			return switch (status.getStatus()) {
				case SERVING -> of(ProbeResult.Health.UP, how);
				case NOT_SERVING -> of(ProbeResult.Health.DOWN, how + ": NOT_SERVING");
				default -> of(ProbeResult.Health.UNKNOWN, how + ": " + status.getStatus());
			};
		});
	}

	private static ProbeResult of(ProbeResult.Health health, String detail) {
		return new ProbeResult(health, detail, Instant.now());
	}

	private Channel channel(Channel channel, @Nullable String component) {
		return new InitializationChannel(channel, component,
				Deadline.after(this.timeout.toMillis(), TimeUnit.MILLISECONDS), this.executor);
	}

}
