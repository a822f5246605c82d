package dev.pluggable.spring.autoconfigure.host;

import dev.pluggable.spring.host.DeclaredComponents;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Registers declared components while Spring reads configuration classes. Conditions of
 * later auto-configurations therefore see the components.
 */
class DeclaredComponentsRegistrar implements ImportBeanDefinitionRegistrar {

	private final Environment environment;

	DeclaredComponentsRegistrar(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
		if (registry instanceof DefaultListableBeanFactory beanFactory) {
			new DeclaredComponents(beanFactory,
					(sources) -> PropertiesHostSettings.declarations(this.environment, sources), false)
				.register(PluggableAutoConfiguration.HostConfiguration.HOST);
		}
	}

}
