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
 * Registers the bean definitions of components and of their live views. The type of a
 * definition is the interface of the kind. The instance supplier gets the instance from
 * the host bean, so a definition alone starts nothing. This class is not safe for
 * concurrent use.
 */
final class ComponentDefinitions {

	/**
	 * Attribute of a bean definition that holds the id of the component.
	 */
	private static final String ID = ComponentDefinitions.class.getName() + ".id";

	/**
	 * Attribute of a bean definition that holds the component of the host.
	 */
	private static final String COMPONENT = ComponentDefinitions.class.getName() + ".component";

	/**
	 * Attribute of a bean definition that another object has replaced, such as a mock.
	 */
	private static final String REPLACED = ComponentDefinitions.class.getName() + ".replaced";

	/**
	 * Attribute of the bean definition of a component that the host has discovered.
	 */
	private static final String DISCOVERED = ComponentDefinitions.class.getName() + ".discovered";

	private static final Log logger = LogFactory.getLog(ComponentDefinitions.class);

	private final DefaultListableBeanFactory beanFactory;

	/**
	 * Whether the application chooses its bean of a kind, by the name of the kind.
	 */
	private final Map<String, Boolean> chosen = new HashMap<>();

	private final String host;

	private final Set<String> refused = new HashSet<>();

	/**
	 * Create a registry of component definitions.
	 * @param beanFactory the bean factory that receives the definitions
	 * @param host name of the host bean
	 */
	ComponentDefinitions(DefaultListableBeanFactory beanFactory, String host) {
		this.beanFactory = beanFactory;
		this.host = host;
	}

	/**
	 * Register the live view of a kind, unless the view is already registered.
	 * @param <T> the interface of the kind
	 * @param kind the kind
	 */
	<T> void registerView(ComponentKind<T> kind) {
		String name = kind.type().getName() + ".components";
		if (!this.beanFactory.isBeanNameInUse(name)) {
			RootBeanDefinition definition = new RootBeanDefinition(Components.class,
					() -> host().registry().components(kind));
			definition.setTargetType(ResolvableType.forClassWithGenerics(Components.class, kind.type()));
			register(name, definition);
		}
	}

	/**
	 * Register a component that the application declares. The bean has the name of the
	 * component. This method does nothing if the component is already registered.
	 * @param kind the kind
	 * @param name name of the component
	 * @param type type of the component
	 */
	void registerDeclared(ComponentKind<?> kind, String name, ComponentType type) {
		String id = kind.typePrefix().equals(kind.name()) ? name : name + "." + kind.name();
		publish(id, true, false, kind, name, type, null);
		if (isPublished(this.beanFactory, fallbackName(kind), fallbackName(kind))) {
			this.beanFactory.removeBeanDefinition(fallbackName(kind));
		}
	}

	/**
	 * Register the built-in component of a kind. The application declares no component of
	 * this kind.
	 * @param kind a kind with a built-in component
	 */
	void registerFallback(ComponentKind<?> kind) {
		publish(fallbackName(kind), false, true, kind, ComponentKind.IN_MEMORY,
				new ComponentType(kind.typePrefix(), ComponentKind.IN_MEMORY), null);
	}

	private static String fallbackName(ComponentKind<?> kind) {
		return ComponentKind.IN_MEMORY + "." + kind.name();
	}

	/**
	 * Register a component of a running host, unless the component is already registered.
	 * A built-in component is a fallback bean. A discovered component is a fallback bean
	 * if the application chooses its bean of the kind: if the application declares a
	 * component or has another bean of this type.
	 * @param component the component
	 */
	void register(Component<?> component) {
		boolean fallback = !component.declared() && (component.endpoint() == null
				|| this.chosen.computeIfAbsent(component.kind().name(), (kind) -> isChosen(component.kind().type())));
		publish(component.id(), component.declared(), fallback, component.kind(), component.name(), component.type(),
				component);
	}

	private boolean isChosen(Class<?> type) {
		for (String name : this.beanFactory.getBeanNamesForType(type, true, false)) {
			if (!this.beanFactory.containsBeanDefinition(name)) {
				return true;
			}
			BeanDefinition definition = this.beanFactory.getMergedBeanDefinition(name);
			if (definition.isAutowireCandidate() && !definition.isFallback() && !definition.hasAttribute(DISCOVERED)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Find the components that another object has replaced before Spring created their
	 * beans, such as a mock. The object is no fallback bean, even if the component is.
	 * @param components the components of the host
	 */
	void findReplacements(List<Component<?>> components) {
		for (Component<?> component : components) {
			String name = beanName(this.beanFactory, component.id(), component.name(), component.kind());
			Object singleton = (name != null) ? this.beanFactory.getSingleton(name) : null;
			if (name != null && singleton != null && singleton != component.instance()) {
				this.beanFactory.getBeanDefinition(name).setAttribute(REPLACED, true);
				this.beanFactory.getBeanDefinition(name).setFallback(false);
				this.beanFactory.getMergedBeanDefinition(name).setFallback(false);
			}
		}
	}

	/**
	 * Bind the definitions to the components of the host, and remove the definitions of
	 * components that the host does not have. Definitions of components that another bean
	 * has received remain. A declaration can match several kinds although the endpoint
	 * offers only one. A bound definition keeps its component, even if the host removes
	 * the component later.
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
		// The host closes the instances after the beans that use them.
		definition.setDestroyMethodName("");
		definition.setDependsOn(this.host);
		definition.setResourceDescription(kind.name() + " component '" + name + "' (" + type + ")");
		definition.setAttribute(ID, id);
		definition.setAttribute(COMPONENT, component);
		if (!declared && component != null && component.endpoint() != null) {
			definition.setAttribute(DISCOVERED, true);
		}
		register(bean, definition);
	}

	private void register(String name, RootBeanDefinition definition) {
		// Spring cannot generate code for an instance supplier. An application that was
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
			.orElseThrow(() -> new NoSuchElementException("The component '" + id + "' no longer exists"))
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
	 * @return the name of the bean, {@code null} if the component is not a bean
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
	 * Return whether another object has replaced the bean of a component, such as a mock.
	 */
	static boolean isReplaced(DefaultListableBeanFactory beanFactory, Component<?> component) {
		String id = component.id();
		String bean = beanName(beanFactory, id, component.name(), component.kind());
		if (bean != null) {
			return beanFactory.getBeanDefinition(bean).hasAttribute(REPLACED);
		}
		return component.declared() && component.kind().type().isInstance(beanFactory.getSingleton(id));
	}

	/**
	 * Return whether a bean definition belongs to a component.
	 */
	static boolean isComponent(BeanDefinition definition) {
		return definition.hasAttribute(ID);
	}

	/**
	 * Describe why the bean of a component does not have the usual name.
	 * @param id id of the component
	 * @param bean name of the bean, {@code null} if the component is not a bean
	 */
	static String problem(String id, @Nullable String bean) {
		return "there is another bean '" + id + "', so this component is "
				+ ((bean != null) ? "the bean '" + bean + "'" : "not a bean; inject Components to use the component");
	}

}
