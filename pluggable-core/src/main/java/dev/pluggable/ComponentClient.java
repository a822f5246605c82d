package dev.pluggable;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

import io.grpc.CallOptions;
import io.grpc.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What a proxy needs to reach its component, whichever generation of the endpoint is
 * current. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface ComponentClient {

	/**
	 * Option of a call that must not wait for the component to be ready. Such a call
	 * fails at once. The default is {@code false}.
	 */
	CallOptions.Key<Boolean> NO_WAIT = CallOptions.Key.createWithDefault("dev.pluggable.no-wait", Boolean.FALSE);

	/**
	 * Name of the component.
	 * @return the name
	 */
	String component();

	/**
	 * Name of the component's kind.
	 * @return the name
	 */
	String kind();

	/**
	 * Channel that leads to the current generation. It adds the header
	 * {@code x-component-instance} and, to unary calls without a deadline, the call
	 * timeout.
	 * <p>
	 * No method of the channel blocks. While the component is not ready, a call waits for
	 * at most the component's wait-for-ready time and holds no thread meanwhile. If the
	 * component is not ready in time, the call ends with the status {@code UNAVAILABLE},
	 * whose cause is a {@link ComponentUnavailableException}. If the call must not wait,
	 * because the wait-for-ready time is zero or because of the option {@link #NO_WAIT},
	 * {@code newCall} throws that exception.
	 * @return the channel, the same one always
	 */
	Channel channel();

	/**
	 * Options that each call must start from: they hold the limits of the component.
	 * @return the options, the same ones always
	 */
	CallOptions callOptions();

	/**
	 * Why the component cannot be called now.
	 * @return the reason, {@code null} if it can be, or if nothing is known of it
	 */
	default @Nullable String unavailability() {
		return null;
	}

	/**
	 * Whether the component has ended because it was to: the application is stopping, or
	 * has stopped its plugin. What is lost then is no fault.
	 * @return {@code false} if that is not so, or nothing is known of it
	 */
	default boolean stopped() {
		return false;
	}

	/**
	 * How long a call waits for the component to be ready.
	 * @return the time, zero to fail at once
	 */
	default Duration waitForReady() {
		return Duration.ZERO;
	}

	/**
	 * How long a unary call without a deadline may take.
	 * @return the time, 5 s unless the component has another
	 */
	default Duration callTimeout() {
		return Duration.ofSeconds(5);
	}

	/**
	 * What the component said it can do when it was initialised on the current
	 * generation. Waits like a call.
	 * @return features, exactly as the component spells them
	 * @throws ComponentUnavailableException if the component is not ready
	 */
	Set<String> features();

	/**
	 * Hide what is secret in a text of the component, before it is shown or logged.
	 * @param text what the component said
	 * @return the text without secrets
	 */
	default String withoutSecrets(String text) {
		return text;
	}

	/**
	 * Number of the current generation. Grows with each new connection; what a proxy
	 * learned on one generation may not hold on the next.
	 * @return the number, 0 before the first
	 */
	long generation();

	/**
	 * Be told of each generation on which the component becomes ready, beginning with the
	 * current one if there is one. For what lives on a connection and must be set up anew
	 * on each. The listener is called on a thread that it must not block.
	 * @param listener called with the generation
	 * @return closing it ends the notifications
	 */
	Registration onGeneration(Consumer<ComponentGeneration> listener);

	/**
	 * Runs work that may block, such as handlers of messages. Whoever uses it bounds how
	 * much it submits.
	 * @return the executor, shared by all components
	 */
	Executor executor();

	/**
	 * Runs short tasks that do not block, after a delay.
	 * @return the scheduler, shared by all components
	 */
	ScheduledExecutorService scheduler();

}
