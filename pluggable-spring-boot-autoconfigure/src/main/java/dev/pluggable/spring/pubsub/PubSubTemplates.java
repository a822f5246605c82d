package dev.pluggable.spring.pubsub;

import java.time.Clock;
import java.util.NoSuchElementException;

import dev.pluggable.pubsub.PubSub;
import dev.pluggable.spring.listener.ComponentLookup;
import dev.pluggable.spring.listener.PayloadConverter;
import org.jspecify.annotations.Nullable;

/**
 * Makes templates for applications with several pub/sub components. If there is only one
 * component, or one is primary, an application can inject its template.
 *
 * @since 0.1.0
 */
public final class PubSubTemplates {

	private final ComponentLookup lookup;

	private final PayloadConverter converter;

	private final @Nullable CloudEventFormat format;

	private final String source;

	/**
	 * Makes templates.
	 * @param lookup finds components
	 * @param converter converts payloads
	 * @param format writes CloudEvents, {@code null} if nothing does
	 * @param source where CloudEvents come from
	 */
	public PubSubTemplates(ComponentLookup lookup, PayloadConverter converter, @Nullable CloudEventFormat format,
			String source) {
		this.lookup = lookup;
		this.converter = converter;
		this.format = format;
		this.source = source;
	}

	/**
	 * The template for an object.
	 * @param pubSub a component or anything else that publishes
	 * @return the template
	 */
	public PubSubTemplate of(PubSub pubSub) {
		return new PubSubTemplate(pubSub, this.lookup.nameOf(pubSub), this.converter, this.format, this.source,
				Clock.systemUTC());
	}

	/**
	 * The template for a component.
	 * @param name name of the component, or of a bean of the type {@code PubSub}
	 * @return the template
	 * @throws NoSuchElementException if there is no such component now; one that is
	 * declared is there from the start on
	 */
	public PubSubTemplate forComponent(String name) {
		ComponentLookup.Found<PubSub> found = name.isEmpty() ? null : this.lookup.find(PubSub.class, name);
		if (found == null) {
			throw new NoSuchElementException(
					"There is no PubSub '" + name + "'; there are " + this.lookup.names(PubSub.class));
		}
		return of(found.instance());
	}

}
