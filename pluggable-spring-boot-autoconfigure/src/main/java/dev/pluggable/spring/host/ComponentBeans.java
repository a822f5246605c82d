package dev.pluggable.spring.host;

import java.util.Optional;

import dev.pluggable.Component;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;

/**
 * Finds the components among the beans. The bean of a declared component has the name of
 * the component. The bean of any other component has the name {@code <name>.<kind>}. The
 * name of the component is a qualifier of the bean. This class is safe for use by
 * multiple threads.
 *
 * @since 0.1.0
 */
public final class ComponentBeans {

	private final DefaultListableBeanFactory beanFactory;

	/**
	 * Create a view of the components among the beans.
	 * @param beanFactory the bean factory that contains the beans
	 */
	public ComponentBeans(DefaultListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Return the name of a component's bean.
	 * @param component the component
	 * @return the name, empty if the component is not a bean
	 */
	public Optional<String> beanName(Component<?> component) {
		return Optional.ofNullable(
				ComponentDefinitions.beanName(this.beanFactory, component.id(), component.name(), component.kind()));
	}

	/**
	 * Return whether a bean is a component, and not another bean of the application.
	 * @param bean name of the bean
	 * @return {@code true} if the bean is a component
	 */
	public boolean isComponent(String bean) {
		return this.beanFactory.containsBeanDefinition(bean)
				&& ComponentDefinitions.isComponent(this.beanFactory.getBeanDefinition(bean));
	}

	/**
	 * Return whether another object has replaced the bean of a component, such as a mock
	 * of a test. The application does not use such a component.
	 * @param component the component
	 * @return {@code true} if another object is the bean
	 */
	public boolean isReplaced(Component<?> component) {
		return ComponentDefinitions.isReplaced(this.beanFactory, component);
	}

	/**
	 * Return why the bean of a component does not have the usual name.
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
