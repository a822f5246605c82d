package dev.pluggable.spring.host;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

import dev.pluggable.Component;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentType;
import dev.pluggable.Components;
import dev.pluggable.host.ComponentHost;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.ResolvableType;
import org.springframework.core.log.LogMessage;

/**
 * Registers the bean definitions of components and of their views. The type of a
 * definition is the interface of the kind, and the instance supplier asks the host bean
 * for the instance: a definition alone starts nothing. Not safe for use by many threads
 * at once.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class ComponentDefinitions {

	/**
	 * Attribute of a bean definition that holds the id of the component.
	 */
	private static final String ID = ComponentDefinitions.class.getName() + ".id";

	/**
	 * Attribute of a bean definition that holds the component, once the host has it.
	 */
	private static final String COMPONENT = ComponentDefinitions.class.getName() + ".component";

	private static final Log logger = LogFactory.getLog(ComponentDefinitions.class);

	private final DefaultListableBeanFactory beanFactory;

	private final String host;

	private final Set<String> refused = new HashSet<>();

	/**
	 * Create a registry of component definitions.
	 * @param beanFactory where the definitions are registered
	 * @param host name of the host bean
	 */
	public ComponentDefinitions(DefaultListableBeanFactory beanFactory, String host) {
		this.beanFactory = beanFactory;
		this.host = host;
	}

	/**
	 * Register the live view of a kind, unless it is registered already.
	 * @param <T> the interface of the kind
	 * @param kind the kind
	 */
	public <T> void registerView(ComponentKind<T> kind) {
		String name = kind.type().getName() + ".components";
		if (!this.beanFactory.isBeanNameInUse(name)) {
			RootBeanDefinition definition = new RootBeanDefinition(Components.class,
					() -> host().registry().components(kind));
			definition.setTargetType(ResolvableType.forClassWithGenerics(Components.class, kind.type()));
			register(name, definition);
		}
	}

	/**
	 * Register a component that the application declares. The bean is named like the
	 * component. Does nothing if the component is registered already.
	 * @param kind the kind
	 * @param name name of the component
	 * @param type type of the component
	 */
	public void registerDeclared(ComponentKind<?> kind, String name, ComponentType type) {
		String id = kind.typePrefix().equals(kind.name()) ? name : name + "." + kind.name();
		publish(id, true, false, kind, name, type, null);
		if (isPublished(this.beanFactory, fallbackName(kind), fallbackName(kind))) {
			this.beanFactory.removeBeanDefinition(fallbackName(kind));
		}
	}

	/**
	 * Register the built-in component of a kind of which the application declares none.
	 * @param kind the kind, which has a built-in component
	 */
	public void registerFallback(ComponentKind<?> kind) {
		publish(fallbackName(kind), false, true, kind, ComponentKind.IN_MEMORY,
				new ComponentType(kind.typePrefix(), ComponentKind.IN_MEMORY), null);
	}

	private static String fallbackName(ComponentKind<?> kind) {
		return ComponentKind.IN_MEMORY + "." + kind.name();
	}

	/**
	 * Register a component of a running host, unless it is registered already.
	 * @param component the component
	 * @param fallback whether components that are declared, or beans of the application,
	 * are injected by type instead
	 */
	void register(Component<?> component, boolean fallback) {
		publish(component.id(), component.declared(), fallback, component.kind(), component.name(), component.type(),
				component);
	}

	/**
	 * Connect the definitions with the components of the host, and remove the definitions
	 * of components that the host does not have, unless they were injected. A declaration
	 * can stand for several kinds of which its endpoint offers only one. A definition
	 * keeps its component from now on, even if the host removes the component later.
	 * @param components the components of the host
	 * @return ids of the components whose definitions were removed
	 */
	Set<String> bind(List<Component<?>> components) {
		Map<String, Component<?>> byId = new HashMap<>();
		components.forEach((component) -> byId.put(component.id(), component));
		Set<String> removed = new HashSet<>();
		for (String name : this.beanFactory.getBeanDefinitionNames()) {
			BeanDefinition definition = this.beanFactory.getBeanDefinition(name);
			Object id = definition.getAttribute(ID);
			if (id == null || this.beanFactory.containsSingleton(name)) {
				continue;
			}
			Component<?> component = byId.get(id.toString());
			if (component != null) {
				definition.setAttribute(COMPONENT, component);
			}
			else {
				this.beanFactory.removeBeanDefinition(name);
				removed.add(id.toString());
			}
		}
		return removed;
	}

	private void publish(String id, boolean declared, boolean fallback, ComponentKind<?> kind, String name,
			ComponentType type, @Nullable Component<?> component) {
		String bean = id;
		if (this.refused.contains(id) || beanName(this.beanFactory, id, name, kind) != null) {
			return;
		}
		if (this.beanFactory.isBeanNameInUse(id)) {
			bean = declared ? alternative(name, kind) : id;
			boolean published = !this.beanFactory.isBeanNameInUse(bean);
			logger.warn(LogMessage.format("%s component '%s': %s", kind.name(), name,
					problem(id, published ? bean : null)));
			if (!published) {
				this.refused.add(id);
				return;
			}
		}
		RootBeanDefinition definition = new RootBeanDefinition();
		definition.setTargetType(kind.type());
		definition.setBeanClass(kind.type());
		definition.setInstanceSupplier(() -> instance(definition, id));
		definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, name));
		definition.setFallback(fallback);
		// The host owns the instances and outlives the beans that use them.
		definition.setDestroyMethodName("");
		definition.setDependsOn(this.host);
		definition.setResourceDescription(kind.name() + " component '" + name + "' (" + type + ")");
		definition.setAttribute(ID, id);
		definition.setAttribute(COMPONENT, component);
		register(bean, definition);
	}

	private void register(String name, RootBeanDefinition definition) {
		// An instance supplier cannot become generated code. An application that was
		// processed ahead of time registers the definitions when it starts.
		definition.setAttribute(BeanRegistrationAotProcessor.IGNORE_REGISTRATION_ATTRIBUTE, true);
		this.beanFactory.registerBeanDefinition(name, definition);
	}

	private Object instance(BeanDefinition definition, String id) {
		if (definition.getAttribute(COMPONENT) instanceof Component<?> component) {
			return component.instance();
		}
		return host().registry()
			.components()
			.stream()
			.filter((component) -> component.id().equals(id))
			.findFirst()
			.orElseThrow(() -> new NoSuchElementException("There is no component '" + id + "' any more"))
			.instance();
	}

	private ComponentHost host() {
		return this.beanFactory.getBean(this.host, ComponentHost.class);
	}

	private static String alternative(String name, ComponentKind<?> kind) {
		return name + "." + kind.name();
	}

	/**
	 * Find the bean of a component.
	 * @return the name of the bean, {@code null} if the component is no bean
	 */
	static @Nullable String beanName(DefaultListableBeanFactory beanFactory, String id, String name,
			ComponentKind<?> kind) {
		if (isPublished(beanFactory, id, id)) {
			return id;
		}
		String alternative = alternative(name, kind);
		return isPublished(beanFactory, alternative, id) ? alternative : null;
	}

	private static boolean isPublished(DefaultListableBeanFactory beanFactory, String bean, String id) {
		return beanFactory.containsBeanDefinition(bean)
				&& id.equals(beanFactory.getBeanDefinition(bean).getAttribute(ID));
	}

	/**
	 * Whether a bean definition is that of a component.
	 */
	static boolean isComponent(BeanDefinition definition) {
		return definition.hasAttribute(ID);
	}

	/**
	 * Describe what is wrong with the publication of a component.
	 * @param id id of the component
	 * @param bean name of the bean, {@code null} if the component is no bean
	 */
	static String problem(String id, @Nullable String bean) {
		return "there is another bean '" + id + "', so this component is "
				+ ((bean != null) ? "the bean '" + bean + "'" : "no bean; Components finds it");
	}

}
