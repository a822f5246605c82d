package dev.pluggable.spring.autoconfigure.host;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

import dev.pluggable.ComponentImplementation;
import dev.pluggable.ComponentKind;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.host.ComponentDeclarationSource;
import dev.pluggable.spring.host.ComponentDefinitions;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Registers a bean definition for each component that the application declares, and for
 * the built-in component of each kind of which it declares none. Reads the environment
 * and the {@link ComponentDeclarationSource sources}; neither the host nor a component is
 * created.
 * <p>
 * The prefix of a type such as {@code state.redis} names the kind, and only the kind
 * itself knows its prefix. So beans of the type {@link ComponentKind},
 * {@link ComponentImplementation} and {@link ComponentDeclarationSource} are created
 * here. The first of two passes takes place while configuration classes are read, before
 * conditions of later auto-configurations are evaluated. It creates only those of these
 * beans that need no other bean: a static bean method without parameters, a supplier, or
 * a class with a default constructor (for sources, a static bean method suffices). The
 * second pass takes place when all bean definitions are known. It creates the others, and
 * registers what the first pass could not. Declarations that no kind fits are left to the
 * host, which refuses them.
 */
final class DeclaredComponents {

	private final DefaultListableBeanFactory beanFactory;

	private final Environment environment;

	private final boolean complete;

	/**
	 * Prepare a pass.
	 * @param beanFactory where the definitions are registered
	 * @param environment has the properties
	 * @param complete whether this is the second pass
	 */
	DeclaredComponents(DefaultListableBeanFactory beanFactory, Environment environment, boolean complete) {
		this.beanFactory = beanFactory;
		this.environment = environment;
		this.complete = complete;
	}

	void register(String host) {
		List<ComponentKind<?>> kinds = new ArrayList<>(ComponentHost.builtInKinds());
		kinds.addAll(beans(ComponentKind.class, this::isSelfContained).stream()
			.<ComponentKind<?>>map((kind) -> kind)
			.toList());
		Implementations implementations = implementations();
		PluggableProperties properties = Binder.get(this.environment)
			.bindOrCreate("pluggable", PluggableProperties.class);
		List<ComponentDeclaration> declarations = new PropertiesHostSettings(properties, this.environment,
				beans(ComponentDeclarationSource.class, this::isStatic))
			.declarations();
		ComponentDefinitions definitions = new ComponentDefinitions(this.beanFactory, host);
		kinds.forEach(definitions::registerView);
		Set<String> declared = new HashSet<>();
		for (ComponentDeclaration declaration : declarations) {
			for (ComponentKind<?> kind : kinds) {
				if (kind.typePrefix().equals(declaration.type().kind())
						&& implementations.mayBe(kind, kinds, declaration) && isMeant(kind, declaration)) {
					declared.add(kind.name());
					definitions.registerDeclared(kind, declaration.name(), declaration.type());
				}
			}
		}
		for (ComponentKind<?> kind : kinds) {
			if (!declared.contains(kind.name()) && kind.builtIns().containsKey(ComponentKind.IN_MEMORY)) {
				definitions.registerFallback(kind);
			}
		}
	}

	private static boolean isMeant(ComponentKind<?> kind, ComponentDeclaration declaration) {
		try {
			return kind.isMeantBy(declaration.metadata());
		}
		catch (InvalidRequestException ex) {
			// The host says so, with the origin of the declaration.
			return false;
		}
	}

	private Implementations implementations() {
		List<ComponentImplementation<?>> found = new ArrayList<>();
		beans(ComponentImplementation.class, this::isSelfContained).forEach(found::add);
		boolean all = found
			.size() == this.beanFactory.getBeanNamesForType(ComponentImplementation.class, true, false).length;
		return new Implementations(found, all);
	}

	private <T> List<T> beans(Class<T> type, Predicate<RootBeanDefinition> early) {
		List<T> beans = new ArrayList<>();
		if (this.complete) {
			this.beanFactory.getBeanProvider(type).orderedStream().forEach(beans::add);
			return beans;
		}
		for (String name : this.beanFactory.getBeanNamesForType(type, true, false)) {
			if (this.beanFactory.containsSingleton(name) || (this.beanFactory.containsBeanDefinition(name)
					&& this.beanFactory.getMergedBeanDefinition(name) instanceof RootBeanDefinition definition
					&& early.test(definition))) {
				beans.add(this.beanFactory.getBean(name, type));
			}
		}
		return beans;
	}

	private boolean isStatic(RootBeanDefinition definition) {
		return definition.getFactoryBeanName() == null
				&& (definition.getFactoryMethodName() != null || isSelfContained(definition));
	}

	private boolean isSelfContained(RootBeanDefinition definition) {
		if (definition.getFactoryBeanName() != null) {
			return false;
		}
		if (definition.getInstanceSupplier() != null) {
			return true;
		}
		if (definition.getFactoryMethodName() != null) {
			Method method = definition.getResolvedFactoryMethod();
			return method != null && method.getParameterCount() == 0;
		}
		Class<?> type = definition.getResolvableType().resolve();
		return type != null && ClassUtils.hasConstructor(type);
	}

	/**
	 * The implementations inside this process.
	 *
	 * @param found those that are known
	 * @param all whether these are all
	 */
	private record Implementations(List<ComponentImplementation<?>> found, boolean all) {

		/**
		 * Whether a declaration stands for a component of a kind. A built-in
		 * implementation of one kind is no component of another kind with the same
		 * prefix.
		 */
		boolean mayBe(ComponentKind<?> kind, List<ComponentKind<?>> kinds, ComponentDeclaration declaration) {
			List<ComponentKind<?>> alike = kinds.stream()
				.filter((other) -> other.typePrefix().equals(kind.typePrefix()))
				.toList();
			if (alike.size() == 1) {
				return true;
			}
			String name = declaration.type().implementation();
			return has(kind, name) || (this.all && alike.stream().noneMatch((other) -> has(other, name)));
		}

		private boolean has(ComponentKind<?> kind, String name) {
			return kind.builtIns().containsKey(name) || this.found.stream()
				.anyMatch((implementation) -> implementation.kind().name().equals(kind.name())
						&& implementation.name().equals(name));
		}

	}

}
