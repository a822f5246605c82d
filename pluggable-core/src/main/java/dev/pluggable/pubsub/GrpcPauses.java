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
 * Pauses a component before its last subscription ends, so that it sends no messages that
 * get no answer, and resumes it before the first subscription begins. {@code Pause} and
 * {@code Resume} concern all subscriptions of a component at once, and few components
 * offer them: their failures are ignored.
 */
final class GrpcPauses {

	/**
	 * The time for which a subscription waits until the component has paused.
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
	 * The subscriptions that are not closed.
	 */
	synchronized List<GrpcSubscription> open() {
		return List.copyOf(this.open);
	}

	/**
	 * Resume the component before a stream is opened. The application or its
	 * subscriptions may have left the component paused earlier.
	 */
	CompletionStage<?> resume(Channel channel) {
		CompletableFuture<?> before;
		synchronized (this) {
			before = this.pausing;
		}
		return before.thenCompose((paused) -> ignoreFailure(ComponentCalls.async(channel, PubSubGrpc.getResumeMethod(),
				PubSubProto.ResumeRequest.getDefaultInstance())));
	}

	/**
	 * Pause the component before subscriptions end, if they are the last ones.
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
			// The call may wait for the component to be ready, and needs a thread for
			// that.
			try {
				this.client.executor()
					.execute(() -> ignoreFailure(ComponentCalls.async(this.client.channel(),
							PubSubGrpc.getPauseMethod(), PubSubProto.PauseRequest.getDefaultInstance()))
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
	 * Ignore the failure of a call.
	 */
	private static CompletionStage<?> ignoreFailure(CompletionStage<?> call) {
		return call.handle((response, failure) -> null);
	}

}
