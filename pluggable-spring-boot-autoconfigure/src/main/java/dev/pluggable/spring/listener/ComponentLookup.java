package dev.pluggable.spring.listener;

import java.util.List;

import dev.pluggable.Component;
import dev.pluggable.ComponentRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;

/**
 * Finds the targets of listeners and templates: a component, else a bean.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class ComponentLookup {

	private final ComponentRegistry registry;

	private final ListableBeanFactory beanFactory;

	/**
	 * Looks in a registry and a bean factory.
	 * @param registry the registry
	 * @param beanFactory the bean factory
	 */
	public ComponentLookup(ComponentRegistry registry, ListableBeanFactory beanFactory) {
		this.registry = registry;
		this.beanFactory = beanFactory;
	}

	ComponentRegistry registry() {
		return this.registry;
	}

	/**
	 * Find a component, or a bean of that name.
	 * @param <T> the interface
	 * @param type the interface
	 * @param name the name; empty for the one that would be injected
	 * @return what was found, {@code null} if there is no such thing now
	 * @throws NoUniqueBeanDefinitionException if no name is given and there are several
	 */
	public <T> @Nullable Found<T> find(Class<T> type, String name) {
		if (name.isEmpty()) {
			T only = this.beanFactory.getBeanProvider(type).getIfAvailable();
			return (only != null) ? new Found<>(only, nameOf(only)) : null;
		}
		for (Component<?> component : this.registry.components()) {
			if (component.name().equals(name) && component.kind().type() == type) {
				return new Found<>(type.cast(component.instance()), name);
			}
		}
		if (this.beanFactory.containsBean(name) && this.beanFactory.isTypeMatch(name, type)) {
			T bean = this.beanFactory.getBean(name, type);
			return new Found<>(bean, nameOf(bean));
		}
		return null;
	}

	/**
	 * The name of a component.
	 * @param instance what an application injects
	 * @return its name, {@code null} if it is no component
	 */
	public @Nullable String nameOf(Object instance) {
		return this.registry.components()
			.stream()
			.filter((component) -> component.instance() == instance)
			.map(Component::name)
			.findFirst()
			.orElse(null);
	}

	/**
	 * Names of the components of a kind.
	 * @param type the interface
	 * @return the names, ordered
	 */
	public List<String> names(Class<?> type) {
		return this.registry.components()
			.stream()
			.filter((component) -> component.kind().type() == type)
			.map(Component::name)
			.toList();
	}

	/**
	 * A component of another kind that has a name, if none of the right kind has it.
	 */
	@Nullable Component<?> ofAnotherKind(Class<?> type, String name) {
		return this.registry.components()
			.stream()
			.filter((component) -> component.name().equals(name) && component.kind().type() != type)
			.findFirst()
			.orElse(null);
	}

	/**
	 * The target of a listener or a template.
	 *
	 * @param <T> the interface
	 * @param instance what to call
	 * @param component name of the component, {@code null} if it is none
	 */
	public record Found<T>(T instance, @Nullable String component) {
	}

}
