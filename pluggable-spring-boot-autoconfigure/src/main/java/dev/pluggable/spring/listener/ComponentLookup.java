package dev.pluggable.spring.listener;

import java.util.List;

import dev.pluggable.Component;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.spring.host.ComponentBeans;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;

/**
 * Finds the component or the bean that a listener or a template uses. A component takes
 * precedence over a bean of the same name.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ComponentLookup {

	private final ComponentRegistry registry;

	private final ListableBeanFactory beanFactory;

	private final @Nullable ComponentBeans components;

	/**
	 * Create a lookup.
	 * @param registry the registry of the components
	 * @param beanFactory the factory of the beans
	 * @param components finds the beans of components, {@code null} if components are not
	 * beans
	 */
	public ComponentLookup(ComponentRegistry registry, ListableBeanFactory beanFactory,
			@Nullable ComponentBeans components) {
		this.registry = registry;
		this.beanFactory = beanFactory;
		this.components = components;
	}

	ComponentRegistry registry() {
		return this.registry;
	}

	/**
	 * Find a component or a bean by its name.
	 * @param <T> the interface of the kind
	 * @param type the interface of the kind
	 * @param name the name. An empty name selects the bean that Spring would inject
	 * @return the component or bean, {@code null} if neither exists now
	 * @throws NoUniqueBeanDefinitionException if the name is empty and there are several
	 * candidates
	 */
	public <T> @Nullable Found<T> find(Class<T> type, String name) {
		if (name.isEmpty()) {
			T only = this.beanFactory.getBeanProvider(type).getIfAvailable();
			return (only != null) ? new Found<>(only, nameOf(only)) : null;
		}
		for (Component<?> component : this.registry.components()) {
			if (component.name().equals(name) && component.kind().type() == type) {
				return new Found<>(bean(type, component), name);
			}
		}
		if (this.beanFactory.containsBean(name) && this.beanFactory.isTypeMatch(name, type)) {
			T bean = this.beanFactory.getBean(name, type);
			return new Found<>(bean, nameOf(bean));
		}
		return null;
	}

	/**
	 * Return the bean of a component, which another object may have replaced, such as a
	 * mock.
	 */
	private <T> T bean(Class<T> type, Component<?> component) {
		String bean = (this.components != null) ? this.components.beanName(component).orElse(null) : null;
		return (bean != null) ? this.beanFactory.getBean(bean, type) : type.cast(component.instance());
	}

	/**
	 * Return the name of a component.
	 * @param instance the object that an application injects
	 * @return the name, {@code null} if the object is not a component
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
	 * Return the names of all components of a kind.
	 * @param type the interface of the kind
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
	 * Return a component that has this name and another kind, {@code null} if there is
	 * none.
	 */
	@Nullable Component<?> ofAnotherKind(Class<?> type, String name) {
		return this.registry.components()
			.stream()
			.filter((component) -> component.name().equals(name) && component.kind().type() != type)
			.findFirst()
			.orElse(null);
	}

	/**
	 * The result of a lookup.
	 *
	 * @param <T> the interface of the kind
	 * @param instance the object to call
	 * @param component name of the component, {@code null} if the object is not a
	 * component
	 */
	public record Found<T>(T instance, @Nullable String component) {
	}

}
