package dev.pluggable.spring.health;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import dev.pluggable.Component;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.listener.ListenerStatus;
import dev.pluggable.stream.StreamStatus;
import org.jspecify.annotations.Nullable;

/**
 * Describes listeners in the health details. Listeners never change a status: the
 * component of a listener reports its own status, and a waiting listener does no harm.
 */
final class ListenerNotes {

	private static final int MAX_NOTES = 50;

	private ListenerNotes() {
	}

	/**
	 * Describe the listeners of a component.
	 */
	static @Nullable List<Map<String, Object>> of(@Nullable ListenerRegistry listeners, Component<?> component) {
		return notes(listeners, (listener) -> listener.state() != ListenerStatus.State.WAITING
				&& component.name().equals(listener.component()) && component.kind().type() == listener.type());
	}

	/**
	 * Describe the listeners whose component does not exist.
	 */
	static @Nullable List<Map<String, Object>> waiting(@Nullable ListenerRegistry listeners) {
		return notes(listeners, (listener) -> listener.state() == ListenerStatus.State.WAITING);
	}

	private static @Nullable List<Map<String, Object>> notes(@Nullable ListenerRegistry listeners,
			Predicate<ListenerStatus> filter) {
		if (listeners == null) {
			return null;
		}
		List<Map<String, Object>> notes = listeners.listeners()
			.stream()
			.filter(filter)
			.limit(MAX_NOTES)
			.map(ListenerNotes::note)
			.toList();
		return notes.isEmpty() ? null : notes;
	}

	private static Map<String, Object> note(ListenerStatus listener) {
		StreamStatus stream = listener.stream();
		return new HealthDetails().with("id", listener.id())
			.with("topic", listener.topic())
			.with("state", (stream != null) ? stream.state() : listener.state())
			.with("reason", (stream != null) ? stream.reason() : listener.reason())
			.asMap();
	}

}
