package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.host.ComponentHost;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Stores the host in an attribute of its bean definition. If an application fails to
 * start, Spring destroys the beans before failure analyzers run, and a lookup of the host
 * bean would create a new host. Bean definitions remain.
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
	 * Find the host of an application, which may have failed already.
	 * @param beanFactory the bean factory of the application
	 * @return the host, which is closed if the application has failed; {@code null} if no
	 * host was created
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
