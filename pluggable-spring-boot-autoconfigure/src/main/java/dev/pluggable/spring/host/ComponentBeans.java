package dev.pluggable.spring.host;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import dev.pluggable.Component;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.Components;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginStatus;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.ResolvableType;
import org.springframework.core.log.LogMessage;

/**
 * Publishes components as beans: those that are declared or found now as bean definitions
 * before the beans of the application are made, and later ones when they arrive. A bean
 * is named like its component if that was declared, else {@code <name>.<kind>}; each
 * carries the component's name as qualifier. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class ComponentBeans implements BeanFactoryPostProcessor {

	private static final Log logger = LogFactory.getLog(ComponentBeans.class);

	private final Map<String, String> names = new ConcurrentHashMap<>();

	private final Map<String, String> problems = new ConcurrentHashMap<>();

	private final Supplier<Duration> initialWait;

	/**
	 * Prepare the publication.
	 * @param initialWait how long the start waits for sockets that are there already
	 */
	public ComponentBeans(Supplier<Duration> initialWait) {
		this.initialWait = initialWait;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		if (Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
			// Nothing is started while an application is being built. The definitions are
			// registered at run time, also in an application that was processed ahead of
			// time.
			return;
		}
		BeanDefinitionRegistry definitions = (BeanDefinitionRegistry) beanFactory;
		String[] hostNames = beanFactory.getBeanNamesForType(ComponentHost.class, true, false);
		if (hostNames.length == 0) {
			// The host, and so the components, belong to the parent of this context.
			return;
		}
		String hostName = hostNames[0];
		ComponentHost host = beanFactory.getBean(hostName, ComponentHost.class);
		ComponentRegistry registry = host.registry();
		registry.kinds().forEach((kind) -> publishView(definitions, registry, kind));
		registry.onEvent((event) -> {
			if (event.change() == ComponentEvent.Change.ADDED) {
				publish(definitions, hostName, event.component());
			}
		});
		host.start();
		List<PluginStatus> unavailable = host.awaitRequiredPlugins();
		if (!unavailable.isEmpty()) {
			throw new RequiredPluginsUnavailableException(unavailable);
		}
		Duration wait = this.initialWait.get();
		if (!host.awaitFirstLook(wait)) {
			List<String> unidentified = host.unidentified();
			logger.warn(LogMessage
				.format("Not identified within %d ms: %s. They become beans when they are, but what is injected "
						+ "meanwhile does not change; 'pluggable.discovery.initial-wait' sets how long the start waits",
						wait.toMillis(),
						unidentified.isEmpty() ? "what is in the socket folders, which has not been looked at"
								: "the sockets " + unidentified));
		}
		registry.components().forEach((component) -> publish(definitions, hostName, component));
	}

	private <T> void publishView(BeanDefinitionRegistry definitions, ComponentRegistry registry,
			ComponentKind<T> kind) {
		RootBeanDefinition definition = new RootBeanDefinition(Components.class, () -> registry.components(kind));
		definition.setTargetType(ResolvableType.forClassWithGenerics(Components.class, kind.type()));
		definition.setAttribute(BeanRegistrationAotProcessor.IGNORE_REGISTRATION_ATTRIBUTE, true);
		String name = kind.type().getName() + ".components";
		if (!definitions.isBeanNameInUse(name)) {
			definitions.registerBeanDefinition(name, definition);
		}
	}

	private synchronized <T> void publish(BeanDefinitionRegistry definitions, String hostName, Component<T> component) {
		String id = component.id();
		if (this.names.containsKey(id) || this.problems.containsKey(id)) {
			return;
		}
		String name = id;
		if (definitions.isBeanNameInUse(name) && component.declared()) {
			name = component.name() + "." + component.kind().name();
		}
		if (!name.equals(id) || definitions.isBeanNameInUse(name)) {
			boolean published = !definitions.isBeanNameInUse(name);
			String problem = "there is another bean '" + id + "', so this component is "
					+ (published ? "the bean '" + name + "'" : "no bean; Components finds it");
			this.problems.put(id, problem);
			logger.warn(LogMessage.format("%s component '%s': %s", component.kind().name(), component.name(), problem));
			if (!published) {
				return;
			}
		}
		RootBeanDefinition definition = new RootBeanDefinition(component.kind().type(), component::instance);
		definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, component.name()));
		definition.setFallback(component.endpoint() == null && !component.declared());
		// The host owns the instances, and must outlive those who use them.
		definition.setDestroyMethodName("");
		definition.setDependsOn(hostName);
		definition.setResourceDescription(component.toString());
		definition.setAttribute(BeanRegistrationAotProcessor.IGNORE_REGISTRATION_ATTRIBUTE, true);
		definitions.registerBeanDefinition(name, definition);
		this.names.put(id, name);
	}

	/**
	 * Name of a component's bean.
	 * @param component the component
	 * @return the name, empty if it is not published
	 */
	public Optional<String> beanName(Component<?> component) {
		return Optional.ofNullable(this.names.get(component.id()));
	}

	/**
	 * Whether a bean is a component that was published.
	 * @param bean name of the bean
	 * @return whether it is, and so not a bean that the application has defined
	 */
	public boolean isComponent(String bean) {
		return this.names.containsValue(bean);
	}

	/**
	 * What is wrong with the publication of a component.
	 * @param component the component
	 * @return the problem, empty if there is none
	 */
	public Optional<String> problem(Component<?> component) {
		return Optional.ofNullable(this.problems.get(component.id()));
	}

}
