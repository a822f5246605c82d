package dev.pluggable.spring.pubsub;

import java.time.Clock;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

import dev.pluggable.pubsub.PubSub;
import dev.pluggable.spring.listener.ComponentLookup;
import dev.pluggable.spring.listener.PayloadConverter;
import org.jspecify.annotations.Nullable;

/**
 * Creates templates for applications with several pub/sub components. An application with
 * one component or one primary component can inject a {@link PubSubTemplate} directly.
 * Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class PubSubTemplates {

	private final ComponentLookup lookup;

	private final PayloadConverter converter;

	private final @Nullable CloudEventFormat format;

	private final String source;

	private final Supplier<Map<String, String>> traceFields;

	/**
	 * Create a factory of templates.
	 * @param lookup finds components
	 * @param converter converts payloads
	 * @param format writes CloudEvents, {@code null} if Jackson 3 is not on the class
	 * path
	 * @param source default source of CloudEvents
	 * @param traceFields returns the trace of the calling thread, which CloudEvents carry
	 */
	public PubSubTemplates(ComponentLookup lookup, PayloadConverter converter, @Nullable CloudEventFormat format,
			String source, Supplier<Map<String, String>> traceFields) {
		this.lookup = lookup;
		this.converter = converter;
		this.format = format;
		this.source = source;
		this.traceFields = traceFields;
	}

	/**
	 * Create the template for an object.
	 * @param pubSub a component, or any other implementation of {@code PubSub}
	 * @return the template
	 */
	public PubSubTemplate of(PubSub pubSub) {
		return new PubSubTemplate(pubSub, this.lookup.nameOf(pubSub), this.converter, this.format, this.source,
				Clock.systemUTC(), this.traceFields);
	}

	/**
	 * Create the template for a component.
	 * @param name name of the component, or of a bean of the type {@code PubSub}
	 * @return the template
	 * @throws NoSuchElementException if the component does not exist now. A declared
	 * component always exists
	 */
	public PubSubTemplate forComponent(String name) {
		ComponentLookup.Found<PubSub> found = name.isEmpty() ? null : this.lookup.find(PubSub.class, name);
		if (found == null) {
			throw new NoSuchElementException(
					"There is no PubSub '" + name + "'. The PubSub components are " + this.lookup.names(PubSub.class));
		}
		return of(found.instance());
	}

}
