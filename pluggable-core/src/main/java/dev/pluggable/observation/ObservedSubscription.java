package dev.pluggable.observation;

import java.util.function.Supplier;

import dev.pluggable.stream.StreamStatus;
import org.jspecify.annotations.Nullable;

/**
 * A subscription to a topic, or a reading of an input binding. Immutable.
 *
 * @param component name of the component
 * @param kind name of the kind of the component
 * @param topic the topic, {@code null} for a reading
 * @param concurrency maximum number of messages that are handled at the same time
 * @param status returns the current status
 * @since 0.1.0
 */
public record ObservedSubscription(String component, String kind, @Nullable String topic, int concurrency,
		Supplier<StreamStatus> status) {

}
