package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.host.ComponentHost;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Remembers the host with its bean definition. When an application fails to start, its
 * beans are destroyed before the failure is analyzed, and asking for the host would make
 * a new one; definitions stay.
 */
final class HostReference implements BeanFactoryPostProcessor {

	private static final String ATTRIBUTE = HostReference.class.getName();

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		for (String name : beanFactory.getBeanNamesForType(ComponentHost.class, true, false)) {
			if (beanFactory.containsBeanDefinition(name)
					&& beanFactory.getSingleton(name) instanceof ComponentHost host) {
				beanFactory.getBeanDefinition(name).setAttribute(ATTRIBUTE, host);
			}
		}
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
