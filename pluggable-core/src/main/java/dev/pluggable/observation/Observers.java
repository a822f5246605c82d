package dev.pluggable.observation;

import org.jspecify.annotations.Nullable;

/**
 * Who hears what happens in a host. A listener that throws disturbs neither calls nor
 * messages: the log has a warning. Immutable.
 *
 * @param calls hears of the calls of the application, {@code null} if nobody listens
 * @param messages hears of messages, {@code null} if nobody listens
 * @since 0.1.0
 */
public record Observers(@Nullable CallListener calls, @Nullable MessageListener messages) {

	/**
	 * Nobody listens, so nothing costs more.
	 */
	public static final Observers NONE = new Observers(null, null);

	/**
	 * Create observers.
	 */
	public Observers {
		calls = GuardedListeners.of(calls);
		messages = GuardedListeners.of(messages);
	}

	/**
	 * Create the same observers with another listener for calls.
	 * @param calls hears of the calls of the application
	 * @return new observers
	 */
	public Observers withCalls(@Nullable CallListener calls) {
		return new Observers(calls, this.messages);
	}

	/**
	 * Create the same observers with another listener for messages.
	 * @param messages hears of messages
	 * @return new observers
	 */
	public Observers withMessages(@Nullable MessageListener messages) {
		return new Observers(this.calls, messages);
	}

}
