package dev.pluggable.internal.host;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentImplementation;
import dev.pluggable.ComponentKind;
import org.jspecify.annotations.Nullable;

/**
 * The implementations of all kinds inside this process: those of the application, which
 * take precedence, and those that come with their kinds. Immutable.
 */
public final class Implementations {

	private final List<ComponentKind<?>> kinds;

	private final List<ComponentImplementation<?>> added;

	/**
	 * The implementations of a host.
	 * @param kinds all kinds
	 * @param added implementations besides those that come with the kinds
	 */
	public Implementations(List<ComponentKind<?>> kinds, List<ComponentImplementation<?>> added) {
		this.kinds = List.copyOf(kinds);
		this.added = List.copyOf(added);
	}

	/**
	 * Find an implementation.
	 * @param <T> the kind's interface
	 * @param kind the kind
	 * @param name name of the implementation
	 * @return the factory, {@code null} if there is no such implementation
	 */
	@SuppressWarnings("unchecked")
	public <T> @Nullable ComponentFactory<? extends T> find(ComponentKind<T> kind, String name) {
		for (ComponentImplementation<?> candidate : this.added) {
			if (candidate.kind().name().equals(kind.name()) && candidate.name().equals(name)) {
				return ((ComponentImplementation<T>) candidate).factory();
			}
		}
		return kind.builtIns().get(name);
	}

	/**
	 * Tell whether any kind with a prefix has an implementation.
	 * @param typePrefix the prefix
	 * @param name name of the implementation
	 * @return whether a kind has it
	 */
	public boolean contains(String typePrefix, String name) {
		return this.kinds.stream().anyMatch((kind) -> kind.typePrefix().equals(typePrefix) && find(kind, name) != null);
	}

	/**
	 * Names of the implementations of a kind.
	 * @param kind the kind
	 * @return a new set in alphabetical order
	 */
	public Set<String> names(ComponentKind<?> kind) {
		Set<String> names = new TreeSet<>(kind.builtIns().keySet());
		for (ComponentImplementation<?> implementation : this.added) {
			if (implementation.kind().name().equals(kind.name())) {
				names.add(implementation.name());
			}
		}
		return names;
	}

}
