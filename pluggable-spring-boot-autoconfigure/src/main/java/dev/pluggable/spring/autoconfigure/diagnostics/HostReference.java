package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.host.ComponentHost;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Remembers the host with its bean definition. When an application fails to start, its
 * beans are destroyed before the failure is analyzed, and asking for the host would make
 * a new one; definitions stay.
 */
final class HostReference implements BeanPostProcessor, BeanFactoryAware {

	private static final String ATTRIBUTE = HostReference.class.getName();

	private @Nullable ConfigurableListableBeanFactory beanFactory;

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		this.beanFactory = (ConfigurableListableBeanFactory) beanFactory;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String name) {
		if (bean instanceof ComponentHost && this.beanFactory != null
				&& this.beanFactory.containsBeanDefinition(name)) {
			this.beanFactory.getBeanDefinition(name).setAttribute(ATTRIBUTE, bean);
		}
		return bean;
	}

	/**
	 * The host of an application that may have failed already.
	 * @param beanFactory the application's bean factory
	 * @return the host, closed if the application has failed; {@code null} if it was not
	 * made
	 */
	static @Nullable ComponentHost find(@Nullable BeanFactory beanFactory) {
		if (beanFactory instanceof ConfigurableListableBeanFactory factory) {
			for (String name : factory.getBeanDefinitionNames()) {
				if (factory.getBeanDefinition(name).getAttribute(ATTRIBUTE) instanceof ComponentHost host) {
					return host;
				}
			}
		}
		return null;
	}

}
