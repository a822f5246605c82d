package dev.pluggable.spring.host;

import java.util.function.BiFunction;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.PriorityOrdered;

/**
 * Registers a template bean for each declared component of a kind, after the components
 * and before other post-processors run. The name of the component is a qualifier of its
 * template. The templates are fallback beans, so that injection by type alone selects the
 * template of the component that would be injected.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @param <T> the template
 * @since 0.1.0
 */
public final class ComponentTemplates<T> implements BeanFactoryPostProcessor, PriorityOrdered {

	private final Class<?> kind;

	private final Class<T> template;

	private final BiFunction<BeanFactory, Object, T> creator;

	/**
	 * Create a post-processor.
	 * @param kind the interface of the components
	 * @param template class of the templates
	 * @param creator creates the template of a component
	 */
	public ComponentTemplates(Class<?> kind, Class<T> template, BiFunction<BeanFactory, Object, T> creator) {
		this.kind = kind;
		this.template = template;
		this.creator = creator;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		BeanDefinitionRegistry registry = (BeanDefinitionRegistry) beanFactory;
		for (String component : beanFactory.getBeanNamesForType(this.kind, true, false)) {
			String name = component + ".template";
			if (beanFactory.containsBeanDefinition(component) && !registry.isBeanNameInUse(name)
					&& ComponentDefinitions.isComponent(beanFactory.getBeanDefinition(component))
					&& !beanFactory.getBeanDefinition(component).isFallback()) {
				registry.registerBeanDefinition(name, definition(beanFactory, component));
			}
		}
	}

	private BeanDefinition definition(BeanFactory beanFactory, String component) {
		RootBeanDefinition definition = new RootBeanDefinition(this.template,
				() -> this.creator.apply(beanFactory, beanFactory.getBean(component, this.kind)));
		definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, component));
		definition.setFallback(true);
		definition.setLazyInit(true);
		definition.setResourceDescription("template of the component '" + component + "'");
		definition.setAttribute(BeanRegistrationAotProcessor.IGNORE_REGISTRATION_ATTRIBUTE, true);
		return definition;
	}

	@Override
	public int getOrder() {
		return LOWEST_PRECEDENCE;
	}

}
