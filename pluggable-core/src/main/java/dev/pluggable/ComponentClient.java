package dev.pluggable;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

import io.grpc.CallOptions;
import io.grpc.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Access to a component for its proxy, whichever generation of the endpoint is current.
 * Safe for use by many threads.
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
	 * The name of the component.
	 * @return the name
	 */
	String component();

	/**
	 * The name of the component's kind.
	 * @return the name
	 */
	String kind();

	/**
	 * Channel that leads to the current generation. It adds the header
	 * {@code x-component-instance} and, to unary calls without a deadline, the call
	 * timeout.
	 * <p>
	 * No method of the channel blocks. While the component is not ready, a call waits for
	 * at most the component's wait-for-ready time, or until the outage is older than the
	 * outage grace, and holds no thread meanwhile. If the component is not ready in time,
	 * the call ends with the status {@code UNAVAILABLE}, whose cause is a
	 * {@link ComponentUnavailableException}. If the call must not wait, because the
	 * wait-for-ready time is zero and the outage is long, or because of the option
	 * {@link #NO_WAIT}, {@code newCall} throws that exception. A call that no component
	 * has processed, because its connection just ended, is made again.
	 * @return the channel, the same one always
	 */
	Channel channel();

	/**
	 * The options with which each call must start. They contain the limits of the
	 * component.
	 * @return the options, always the same ones
	 */
	CallOptions callOptions();

	/**
	 * The reason why the component cannot be called now.
	 * @return the reason, {@code null} if the component can be called or if no reason is
	 * known
	 */
	default @Nullable String unavailability() {
		return null;
	}

	/**
	 * Whether the application has stopped the component on purpose, because the
	 * application or a plugin is stopping. The loss of a connection is then no fault.
	 * @return {@code false} unless the component was stopped on purpose
	 */
	default boolean stopped() {
		return false;
	}

	/**
	 * The time that a call waits for the component to become ready.
	 * @return the time, zero unless overridden
	 */
	default Duration waitForReady() {
		return Duration.ZERO;
	}

	/**
	 * The age of an outage up to which calls wait for the component, counted from the
	 * loss.
	 * @return the time, zero unless overridden
	 */
	default Duration outageGrace() {
		return Duration.ZERO;
	}

	/**
	 * The time that a unary call without a deadline has.
	 * @return the time, 5 seconds unless overridden
	 */
	default Duration callTimeout() {
		return Duration.ofSeconds(5);
	}

	/**
	 * The longest time of calls on a generation that was replaced. Most calls end earlier
	 * by their deadlines.
	 * @return the time, 10 minutes unless overridden
	 */
	default Duration drainTimeout() {
		return Duration.ofMinutes(10);
	}

	/**
	 * The features that the component reported when it was initialised on the current
	 * generation. Waits like a call.
	 * @return the features, exactly as the component spells them
	 * @throws ComponentUnavailableException if the component is not ready
	 */
	Set<String> features();

	/**
	 * Replace the secrets in a text of the component, which may then be shown or logged.
	 * @param text text of the component
	 * @return the text without secrets, the text itself unless overridden
	 */
	default String withoutSecrets(String text) {
		return text;
	}

	/**
	 * The number of the current generation. It grows with each new connection; knowledge
	 * about one generation may be wrong for the next.
	 * @return the number, 0 before the first generation
	 */
	long generation();

	/**
	 * The current generation, for calls that need a particular process. Waits like a call
	 * while there is none, and holds no thread meanwhile.
	 * @return completes with the generation; fails with a
	 * {@link ComponentUnavailableException} if the component is not ready in time
	 */
	default CompletionStage<ComponentGeneration> currentGeneration() {
		CompletableFuture<ComponentGeneration> first = new CompletableFuture<>();
		Registration registration = onGeneration(first::complete);
		return first.whenComplete((generation, failure) -> registration.close());
	}

	/**
	 * Register a listener for each generation on which the component becomes ready, for
	 * objects that live on a connection and have to be created on each. If the component
	 * is ready now, the listener is called for the current generation, too.
	 * @param listener receives the generation, on a thread that the listener must not
	 * block
	 * @return the registration; closing it ends the calls of the listener
	 */
	Registration onGeneration(Consumer<ComponentGeneration> listener);

	/**
	 * Register a listener for each time at which the application stops the process of the
	 * component on purpose. The process still answers then, and ends when the calls in
	 * flight have ended. Streams must end, because they last for as long as their
	 * process.
	 * @param listener is called on a thread that it must not block; never called unless
	 * overridden
	 * @return the registration; closing it ends the calls of the listener
	 */
	default Registration onStop(Runnable listener) {
		return () -> {
		};
	}

	/**
	 * The executor for work that may block, such as handlers of messages. The caller
	 * limits the amount of work.
	 * @return the executor, which all components share
	 */
	Executor executor();

	/**
	 * The scheduler for short tasks that do not block.
	 * @return the scheduler, which all components share
	 */
	ScheduledExecutorService scheduler();

}
