package dev.pluggable.spring.host;

import java.util.Optional;

import dev.pluggable.Component;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;

/**
 * Tells which beans are components. The bean of a declared component is named like the
 * component, the bean of any other component {@code <name>.<kind>}. The name of the
 * component is a qualifier of its bean. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class ComponentBeans {

	private final DefaultListableBeanFactory beanFactory;

	/**
	 * Create a view of the components among the beans.
	 * @param beanFactory where the beans are
	 */
	public ComponentBeans(DefaultListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Return the name of a component's bean.
	 * @param component the component
	 * @return the name, empty if the component is no bean
	 */
	public Optional<String> beanName(Component<?> component) {
		return Optional.ofNullable(
				ComponentDefinitions.beanName(this.beanFactory, component.id(), component.name(), component.kind()));
	}

	/**
	 * Whether a bean is a component, and not a bean that the application defines.
	 * @param bean name of the bean
	 * @return {@code true} if the bean is a component
	 */
	public boolean isComponent(String bean) {
		return this.beanFactory.containsBeanDefinition(bean)
				&& ComponentDefinitions.isComponent(this.beanFactory.getBeanDefinition(bean));
	}

	/**
	 * Return what is wrong with the publication of a component.
	 * @param component the component
	 * @return the problem, empty if there is none
	 */
	public Optional<String> problem(Component<?> component) {
		String id = component.id();
		String bean = beanName(component).orElse(null);
		if (id.equals(bean) || !this.beanFactory.containsBean(id)) {
			return Optional.empty();
		}
		return Optional.of(ComponentDefinitions.problem(id, bean));
	}

}
