package dev.pluggable.spring.listener;

import java.time.Duration;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Describes a listener before its start.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @param <T> interface of the target
 * @param site the method of the listener
 * @param id its id, or empty for the one that follows from its place
 * @param type interface of what is listened to
 * @param kind what it listens to, in a word
 * @param component name of the component, or empty for the only one
 * @param topic the topic, {@code null} for bindings
 * @param autoStartup whether it begins with the application
 * @param grace how long messages that are being handled may take at the end
 * @param opener begins to listen
 * @since 0.1.0
 */
public record ListenerDefinition<T>(ListenerEndpoint site, String id, Class<T> type, String kind, String component,
		@Nullable String topic, boolean autoStartup, Duration grace, Function<T, ListenerStream<?>> opener) {

	ListenerDefinition<T> withId(String id) {
		return new ListenerDefinition<>(this.site, id, this.type, this.kind, this.component, this.topic,
				this.autoStartup, this.grace, this.opener);
	}

}
