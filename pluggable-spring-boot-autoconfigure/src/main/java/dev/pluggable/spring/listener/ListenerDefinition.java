package dev.pluggable.spring.listener;

import java.time.Duration;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * The description of a listener, made from an annotation.
 * <p>
 * Other packages of this module use this record. It is not API.
 *
 * @param <T> interface of the component
 * @param endpoint the annotated method
 * @param id id of the listener, empty for the default id
 * @param type interface of the component
 * @param kind prefix of the component types, such as {@code pubsub}
 * @param component name of the component, empty for the only component of the kind
 * @param topic the topic, {@code null} for bindings
 * @param autoStartup whether the listener starts with the application
 * @param grace how long handlers in progress may run after the listener is stopped
 * @param opener subscribes to the component
 * @since 0.1.0
 */
public record ListenerDefinition<T>(ListenerEndpoint endpoint, String id, Class<T> type, String kind, String component,
		@Nullable String topic, boolean autoStartup, Duration grace, Function<T, ListenerStream<?>> opener) {

	ListenerDefinition<T> withId(String id) {
		return new ListenerDefinition<>(this.endpoint, id, this.type, this.kind, this.component, this.topic,
				this.autoStartup, this.grace, this.opener);
	}

}
