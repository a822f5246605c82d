package dev.pluggable.spring.server;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentKind;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.spring.host.ComponentBeans;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.ResolvableType;

/**
 * Finds the beans that the application serves. The application serves beans with
 * {@link PluggableComponent}. If {@code pluggable.server.name} is set, the application
 * also serves all other beans that implement a kind. The application never serves
 * components of other processes, although components of other processes are beans if the
 * application has a host.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ServedBeans {

	/**
	 * Property that names the socket for beans that do not name a socket.
	 */
	public static final String NAME_PROPERTY = "pluggable.server.name";

	private static final String ANNOTATION = "@" + PluggableComponent.class.getSimpleName();

	private final ConfigurableListableBeanFactory beans;

	private final List<ComponentKind<?>> kinds;

	private final ObjectProvider<ComponentBeans> components;

	private final @Nullable String defaultName;

	/**
	 * Create a search for beans.
	 * @param beans the bean factory that contains the beans
	 * @param kinds the kinds that the application can serve
	 * @param components identifies beans that are components of other processes
	 * @param defaultName name of the socket for beans that do not name a socket,
	 * {@code null} if the application serves only annotated beans
	 */
	public ServedBeans(ConfigurableListableBeanFactory beans, List<ComponentKind<?>> kinds,
			ObjectProvider<ComponentBeans> components, @Nullable String defaultName) {
		this.beans = beans;
		// A kind without services is one of servers that know nothing of this product.
		this.kinds = kinds.stream().filter((kind) -> !kind.services().isEmpty()).toList();
		this.components = components;
		this.defaultName = defaultName;
	}

	/**
	 * Find the beans, by the name of the socket and ordered by name.
	 * @return at least one bean
	 * @throws FailureAnalyzedException if the application cannot serve a bean
	 */
	Map<String, List<ServedBean<?>>> find() {
		Map<String, List<ServedBean<?>>> found = new TreeMap<>();
		for (String bean : candidates()) {
			String name = name(bean);
			if (name != null) {
				for (ServedBean<?> served : served(bean)) {
					add(found, name, served);
				}
			}
		}
		if (found.isEmpty()) {
			throw new FailureAnalyzedException(
					"The application has nothing to serve on the socket '" + this.defaultName
							+ "': no bean implements a kind of component",
					"Define a bean of one of the types " + types() + ", or a ComponentFactory of one, or remove '"
							+ NAME_PROPERTY + "'.");
		}
		return found;
	}

	private Set<String> candidates() {
		Set<String> names = new LinkedHashSet<>(
				List.of(this.beans.getBeanNamesForAnnotation(PluggableComponent.class)));
		for (ComponentKind<?> kind : this.kinds) {
			names.addAll(List.of(this.beans.getBeanNamesForType(kind.type(), true, false)));
		}
		names.addAll(List.of(this.beans.getBeanNamesForType(ComponentFactory.class, true, false)));
		ComponentBeans components = this.components.getIfAvailable();
		names.removeIf((name) -> ScopedProxyUtils.isScopedTarget(name)
				|| (components != null && components.isComponent(name)));
		return names;
	}

	/**
	 * Return the name of the socket for a bean.
	 * @return the name, {@code null} if the application does not serve the bean
	 */
	private @Nullable String name(String bean) {
		PluggableComponent annotation = this.beans.findAnnotationOnBean(bean, PluggableComponent.class);
		if (annotation == null || annotation.name().isEmpty()) {
			if (annotation != null && this.defaultName == null) {
				throw failure(bean, "the socket has no name",
						"Name the socket with " + ANNOTATION + "(name = \"...\"), or set '" + NAME_PROPERTY + "'.");
			}
			return this.defaultName;
		}
		String name = this.beans.resolveEmbeddedValue(annotation.name());
		if (name == null || !ComponentServer.isName(name)) {
			throw failure(bean, "'" + name + "' is not a valid name of a socket",
					"Choose a name that consists of letters, digits, '.', '_' and '-' "
							+ "and begins with a letter or digit in " + ANNOTATION + ".");
		}
		return name;
	}

	private List<ServedBean<?>> served(String bean) {
		List<ServedBean<?>> served = new ArrayList<>();
		boolean factory = this.beans.isTypeMatch(bean, ComponentFactory.class);
		Class<?> type = factory ? made(bean) : this.beans.getType(bean);
		for (ComponentKind<?> kind : this.kinds) {
			if (type != null && kind.type().isAssignableFrom(type)) {
				served.add(new ServedBean<>(bean, kind, factory));
			}
		}
		if (served.isEmpty()) {
			throw failure(bean,
					factory ? "the type of the factory does not declare which kind of component the factory creates"
							: "the bean implements no kind of component",
					factory ? "Define the factory with a type argument, such as ComponentFactory<StateStore>."
							: "Implement one of " + types() + ", or remove " + ANNOTATION + ".");
		}
		if (!this.beans.isSingleton(bean)) {
			throw failure(bean, "the bean is not a singleton",
					"Define a singleton ComponentFactory instead. The factory creates one object for each component.");
		}
		return served;
	}

	/**
	 * Return the type of the objects that a factory creates. The class of a lambda
	 * expression has no type argument, so the bean method comes first.
	 */
	private @Nullable Class<?> made(String bean) {
		ResolvableType type = this.beans.containsBeanDefinition(bean)
				? this.beans.getMergedBeanDefinition(bean).getResolvableType() : ResolvableType.NONE;
		Class<?> made = type.as(ComponentFactory.class).getGeneric().resolve();
		return (made != null) ? made
				: ResolvableType.forClass(this.beans.getType(bean)).as(ComponentFactory.class).getGeneric().resolve();
	}

	private static void add(Map<String, List<ServedBean<?>>> found, String name, ServedBean<?> served) {
		List<ServedBean<?>> others = found.computeIfAbsent(name, (key) -> new ArrayList<>());
		for (ServedBean<?> other : others) {
			if (other.kind().name().equals(served.kind().name())) {
				throw new FailureAnalyzedException(
						"The beans '" + other.bean() + "' and '" + served.bean() + "' are both " + served.kind().name()
								+ " components on the socket '" + name + "'",
						"Give one of them a socket of its own with " + ANNOTATION + "(name = \"...\").");
			}
		}
		others.add(served);
	}

	private List<String> types() {
		return this.kinds.stream().map((kind) -> kind.type().getSimpleName()).toList();
	}

	private static FailureAnalyzedException failure(String bean, String problem, String action) {
		return new FailureAnalyzedException("The bean '" + bean + "' cannot be served: " + problem, action);
	}

}
