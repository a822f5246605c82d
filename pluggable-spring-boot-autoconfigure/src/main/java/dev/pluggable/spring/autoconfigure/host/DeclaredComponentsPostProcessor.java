package dev.pluggable.spring.autoconfigure.host;

import dev.pluggable.spring.host.DeclaredComponents;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.Environment;

/**
 * Registers the declared components that {@link DeclaredComponentsRegistrar} could not
 * register, before other post-processors of the bean factory run. An application that was
 * processed ahead of time reads no configuration classes, so this post-processor
 * registers all declared components there.
 */
class DeclaredComponentsPostProcessor implements BeanDefinitionRegistryPostProcessor, PriorityOrdered {

	private final Environment environment;

	DeclaredComponentsPostProcessor(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
		// Spring has not enhanced configuration classes yet, so it is too early for
		// beans.
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		if (!Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
			new DeclaredComponents((DefaultListableBeanFactory) beanFactory,
					(sources) -> PropertiesHostSettings.declarations(this.environment, sources), true)
				.register(PluggableAutoConfiguration.HostConfiguration.HOST);
		}
	}

	/**
	 * Run before the post-processors that register the templates of components.
	 */
	@Override
	public int getOrder() {
		return LOWEST_PRECEDENCE - 10;
	}

}
