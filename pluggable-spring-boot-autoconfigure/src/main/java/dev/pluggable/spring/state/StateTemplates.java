package dev.pluggable.spring.state;

import java.util.NoSuchElementException;
import java.util.function.Supplier;

import dev.pluggable.spring.listener.ComponentLookup;
import dev.pluggable.state.StateStore;
import tools.jackson.databind.json.JsonMapper;

/**
 * Creates templates for applications with several state stores. An application with one
 * store or one primary store can inject a {@link StateTemplate} directly. The template of
 * a declared store is also a bean whose qualifier is the name of the store. Safe for use
 * by many threads.
 *
 * @since 0.1.0
 */
public final class StateTemplates {

	private final ComponentLookup lookup;

	private final Supplier<JsonMapper> mapper;

	/**
	 * Create a factory of templates.
	 * @param lookup finds components
	 * @param mapper returns the mapper that reads and writes JSON
	 */
	public StateTemplates(ComponentLookup lookup, Supplier<JsonMapper> mapper) {
		this.lookup = lookup;
		this.mapper = mapper;
	}

	/**
	 * Create the template for an object.
	 * @param store a component, or any other implementation of {@code StateStore}
	 * @return the template
	 */
	public StateTemplate of(StateStore store) {
		return new StateTemplate(store, this.mapper.get());
	}

	/**
	 * Create the template for a component.
	 * @param name name of the component, or of a bean of the type {@code StateStore}
	 * @return the template
	 * @throws NoSuchElementException if the component does not exist now. A declared
	 * component always exists
	 */
	public StateTemplate forComponent(String name) {
		ComponentLookup.Found<StateStore> found = name.isEmpty() ? null : this.lookup.find(StateStore.class, name);
		if (found == null) {
			throw new NoSuchElementException("There is no StateStore '" + name + "'. The StateStore components are "
					+ this.lookup.names(StateStore.class));
		}
		return of(found.instance());
	}

}
