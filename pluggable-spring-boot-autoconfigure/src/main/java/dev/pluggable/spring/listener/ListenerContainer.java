package dev.pluggable.spring.listener;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.Component;
import dev.pluggable.stream.StreamStatus;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.core.log.LogMessage;

/**
 * Keeps one listener subscribed. The subscription begins when the listener is started and
 * the component exists. The subscription ends when the listener is stopped.
 *
 * @param <T> interface of the component
 */
final class ListenerContainer<T> {

	private static final Log logger = LogFactory.getLog(ListenerContainer.class);

	private final ListenerDefinition<T> definition;

	private final ComponentLookup lookup;

	private volatile boolean running;

	private volatile @Nullable Listening<T> listening;

	private volatile @Nullable String reason;

	ListenerContainer(ListenerDefinition<T> definition, ComponentLookup lookup) {
		this.definition = definition;
		this.lookup = lookup;
	}

	ListenerDefinition<T> definition() {
		return this.definition;
	}

	/**
	 * Start the listener. A listener without a component waits for the component.
	 * @throws InvalidListenerException if the listener can never start
	 */
	synchronized void start() {
		this.running = true;
		try {
			listen();
		}
		catch (NoUniqueBeanDefinitionException ex) {
			stopped();
			throw this.definition.endpoint()
				.invalid("there are several candidates: " + this.lookup.names(this.definition.type()),
						"Name one of them in the annotation.");
		}
		catch (IllegalArgumentException ex) {
			stopped();
			throw this.definition.endpoint()
				.invalid(String.valueOf(ex.getMessage()), "Correct the attribute of the annotation.");
		}
		catch (RuntimeException ex) {
			stopped();
			throw ex;
		}
		if (this.listening == null) {
			explain();
		}
	}

	private void stopped() {
		this.running = false;
		this.reason = null;
	}

	/**
	 * Subscribe if the listener is started and the component exists now.
	 */
	synchronized void componentChanged() {
		if (!this.running) {
			return;
		}
		try {
			boolean before = this.listening != null;
			listen();
			if (!before && this.listening != null) {
				logger.info(LogMessage.format("%s: the component is available now", this.definition.endpoint()));
			}
		}
		catch (RuntimeException ex) {
			String problem = (ex instanceof NoUniqueBeanDefinitionException)
					? "there are several components, and the annotation names none of them"
					: String.valueOf(ex.getMessage());
			if (!problem.equals(this.reason)) {
				this.reason = problem;
				logger.warn(LogMessage.format("%s cannot start: %s", this.definition.endpoint(), problem));
			}
		}
	}

	private void listen() {
		ComponentLookup.Found<T> found = this.lookup.find(this.definition.type(), this.definition.component());
		Listening<T> current = this.listening;
		if (found == null || (current != null && current.instance() == found.instance()
				&& current.stream().status().state() != StreamStatus.State.CLOSED)) {
			return;
		}
		if (current != null) {
			this.listening = null;
			current.stream().close();
		}
		ListenerStream<?> stream = this.definition.opener().apply(found.instance());
		this.listening = new Listening<>(found.instance(), found.component(), stream);
		this.reason = null;
	}

	private void explain() {
		String name = this.definition.component();
		Component<?> other = name.isEmpty() ? null : this.lookup.ofAnotherKind(this.definition.type(), name);
		String kind = this.definition.kind();
		if (other != null && other.declared()) {
			stopped();
			throw this.definition.endpoint()
				.invalid(
						"the component '" + name + "' is of the kind '" + other.kind().name() + "' (" + other.type()
								+ "), but the listener needs a " + this.definition.type().getSimpleName(),
						"Name a component of the type '" + kind + ".<implementation>', or change the declared type of '"
								+ name + "'.");
		}
		String problem = name.isEmpty() ? "there is no component of the kind '" + kind + "'"
				: "there is no " + this.definition.type().getSimpleName() + " '" + name + "'"
						+ ((other != null) ? ", only a component of the kind '" + other.kind().name() + "'" : "");
		this.reason = problem;
		logger.warn(LogMessage.format(
				"%s: %s. The listener starts when the component appears. Start the process that serves the component, "
						+ "or declare the component with 'pluggable.components.%s.type=%s.<implementation>'. "
						+ "Components of the kind now: %s",
				this.definition.endpoint(), problem, name.isEmpty() ? "<name>" : name, kind,
				this.lookup.names(this.definition.type())));
	}

	/**
	 * Take no more messages, and let the handlers in progress finish.
	 * @return a stage that completes when no handler is running
	 */
	CompletionStage<?> drain() {
		Listening<T> current;
		synchronized (this) {
			current = this.listening;
			stopped();
		}
		return (current != null) ? current.stream().drain(this.definition.grace())
				: CompletableFuture.completedFuture(null);
	}

	/**
	 * Take no more messages, and wait until no handler is running.
	 */
	void stop() {
		Listening<T> current;
		synchronized (this) {
			current = this.listening;
			stopped();
		}
		if (current != null) {
			current.stream().close();
			synchronized (this) {
				if (this.listening == current) {
					this.listening = null;
				}
			}
		}
	}

	ListenerStatus status() {
		Listening<T> current = this.listening;
		ListenerStatus.State state = (!this.running) ? ListenerStatus.State.STOPPED
				: (current != null) ? ListenerStatus.State.LISTENING : ListenerStatus.State.WAITING;
		String named = this.definition.component();
		return new ListenerStatus(this.definition.id(), this.definition.endpoint().name(), this.definition.type(),
				(current != null) ? current.component() : (!named.isEmpty()) ? named : null, this.definition.topic(),
				state, this.reason, (current != null) ? current.stream().status() : null);
	}

	/**
	 * The component that the listener is subscribed to, and the subscription.
	 */
	private record Listening<T>(T instance, @Nullable String component, ListenerStream<?> stream) {
	}

}
