package dev.pluggable.spring.autoconfigure.host;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.Environment;

/**
 * Registers the declared components that {@link DeclaredComponentsRegistrar} could not
 * register, before other post-processors of the bean factory run. In an application that
 * was processed ahead of time, where configuration classes are not read, these are all.
 */
class DeclaredComponentsPostProcessor implements BeanDefinitionRegistryPostProcessor, PriorityOrdered {

	private final Environment environment;

	DeclaredComponentsPostProcessor(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
		// Configuration classes are not enhanced yet, so none of their beans is created.
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		if (!Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
			new DeclaredComponents((DefaultListableBeanFactory) beanFactory, this.environment, true)
				.register(PluggableAutoConfiguration.HostConfiguration.HOST);
		}
	}

	@Override
	public int getOrder() {
		return LOWEST_PRECEDENCE;
	}

}
