package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentClient;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;
import dev.pluggable.stream.StreamStatus;
import io.grpc.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Pauses a component before its last subscription ends, so that it sends nothing that
 * nobody will answer, and has it go on before the first begins. {@code Pause} and
 * {@code Resume} are about all subscriptions of a component at once, and few components
 * have them.
 */
final class GrpcPauses {

	/**
	 * How long a subscription waits for the component to pause.
	 */
	private static final Duration TIMEOUT = Duration.ofSeconds(2);

	private final ComponentClient client;

	private final Set<GrpcSubscription> open = new HashSet<>();

	private CompletableFuture<?> pausing = CompletableFuture.completedFuture(null);

	GrpcPauses(ComponentClient client) {
		this.client = client;
	}

	synchronized void opened(GrpcSubscription subscription) {
		this.open.add(subscription);
	}

	/**
	 * The subscriptions that have not been closed.
	 */
	synchronized List<GrpcSubscription> open() {
		return List.copyOf(this.open);
	}

	/**
	 * Before a stream is opened. An earlier life of the application, or of this
	 * component's subscriptions, may have left the component paused.
	 */
	CompletionStage<?> resume(Channel channel) {
		CompletableFuture<?> before;
		synchronized (this) {
			before = this.pausing;
		}
		return before.thenCompose((paused) -> outcome(ComponentCalls.async(channel, PubSubGrpc.getResumeMethod(),
				PubSubProto.ResumeRequest.getDefaultInstance())));
	}

	/**
	 * Before subscriptions end.
	 */
	CompletionStage<?> closing(List<GrpcSubscription> subscriptions, Duration grace) {
		synchronized (this) {
			boolean active = subscriptions.stream()
				.anyMatch((subscription) -> subscription.status().state() == StreamStatus.State.ACTIVE);
			boolean last = this.open.removeAll(subscriptions) && this.open.isEmpty();
			if (!last || !active) {
				return CompletableFuture.completedFuture(null);
			}
			CompletableFuture<@Nullable Void> paused = new CompletableFuture<>();
			this.pausing = paused;
			// On a thread of its own, since the way to the component may be closed now
			// and
			// make the call wait.
			try {
				this.client.executor()
					.execute(() -> outcome(ComponentCalls.async(this.client.channel(), PubSubGrpc.getPauseMethod(),
							PubSubProto.PauseRequest.getDefaultInstance()))
						.thenAccept((value) -> paused.complete(null)));
			}
			catch (RuntimeException ex) {
				paused.complete(null);
			}
			long nanos = Math.min(TIMEOUT.toNanos(), grace.toNanos() / 2);
			return paused.copy().completeOnTimeout(null, Math.max(0, nanos), TimeUnit.NANOSECONDS);
		}
	}

	/**
	 * That it did not work is no reason not to go on.
	 */
	private static CompletionStage<?> outcome(CompletionStage<?> call) {
		return call.handle((response, failure) -> null);
	}

}
