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
 * Finds the beans that are to be served: those with {@link PluggableComponent} and, if
 * {@code pluggable.server.name} is set, all others of a kind. Components of other
 * processes, which are beans too in an application that is a host as well, are never
 * served.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class ServedBeans {

	/**
	 * Property that names the socket of the beans that do not name their own.
	 */
	public static final String NAME_PROPERTY = "pluggable.server.name";

	private static final String ANNOTATION = "@" + PluggableComponent.class.getSimpleName();

	private final ConfigurableListableBeanFactory beans;

	private final List<ComponentKind<?>> kinds;

	private final ObjectProvider<ComponentBeans> components;

	private final @Nullable String defaultName;

	/**
	 * Prepare the search.
	 * @param beans where the beans are
	 * @param kinds the kinds that can be served
	 * @param components tells which beans are components of other processes
	 * @param defaultName name of the socket of the beans that do not name their own,
	 * {@code null} if only annotated beans are served
	 */
	public ServedBeans(ConfigurableListableBeanFactory beans, List<ComponentKind<?>> kinds,
			ObjectProvider<ComponentBeans> components, @Nullable String defaultName) {
		this.beans = beans;
		this.kinds = kinds;
		this.components = components;
		this.defaultName = defaultName;
	}

	/**
	 * The beans by the names of their sockets, ordered by name.
	 * @return at least one
	 * @throws FailureAnalyzedException if something cannot be served
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
					"There is nothing to serve on the socket '" + this.defaultName
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
	 * Name of a bean's socket.
	 * @return the name, {@code null} if it is not to be served
	 */
	private @Nullable String name(String bean) {
		PluggableComponent annotation = this.beans.findAnnotationOnBean(bean, PluggableComponent.class);
		if (annotation == null || annotation.name().isEmpty()) {
			if (annotation != null && this.defaultName == null) {
				throw failure(bean, "nothing names its socket",
						"Write " + ANNOTATION + "(name = \"...\"), or set '" + NAME_PROPERTY + "'.");
			}
			return this.defaultName;
		}
		String name = this.beans.resolveEmbeddedValue(annotation.name());
		if (name == null || !ComponentServer.isName(name)) {
			throw failure(bean, "'" + name + "' cannot be the name of a socket",
					"Use letters, digits, '.', '_' and '-', beginning with a letter or digit, as the name in "
							+ ANNOTATION + ".");
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
					factory ? "its type does not say of which kind the components are that it makes"
							: "it implements no kind of component",
					factory ? "Define it with a type argument, such as ComponentFactory<StateStore>."
							: "Let it implement one of " + types() + ", or remove " + ANNOTATION + ".");
		}
		if (!this.beans.isSingleton(bean)) {
			throw failure(bean, "it is not a singleton",
					"To have one object for each component, define a singleton ComponentFactory of them instead.");
		}
		return served;
	}

	/**
	 * Return the type that a factory makes. The class of a lambda expression does not
	 * tell the type; the method that returns the expression does.
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
