package dev.pluggable.spring.host;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

import dev.pluggable.ComponentImplementation;
import dev.pluggable.ComponentKind;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.util.ClassUtils;

/**
 * Registers a bean definition for each component that the application declares. If the
 * application declares no component of a kind, this class registers the built-in
 * component of the kind. This class creates neither the host nor a component.
 * <p>
 * The prefix of a type such as {@code state.redis} names the kind, and only the kind
 * itself knows the prefix. This class therefore creates beans of the types
 * {@link ComponentKind}, {@link ComponentImplementation} and
 * {@link ComponentDeclarationSource}. The first of two passes runs while Spring reads
 * configuration classes, before Spring evaluates the conditions of later
 * auto-configurations. The first pass creates only beans that need no other bean: beans
 * of static bean methods without parameters, of suppliers, and of classes with a default
 * constructor. A source may also have a static bean method with parameters. The second
 * pass runs when all bean definitions are registered. The second pass creates the other
 * beans and registers the remaining components. The host refuses declarations that match
 * no kind.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class DeclaredComponents {

	private final DefaultListableBeanFactory beanFactory;

	private final Function<List<ComponentDeclarationSource>, List<ComponentDeclaration>> declarations;

	private final boolean complete;

	/**
	 * Create a pass.
	 * @param beanFactory the bean factory that receives the definitions
	 * @param declarations returns the components that properties and the given sources
	 * declare
	 * @param complete whether this is the second pass
	 */
	public DeclaredComponents(DefaultListableBeanFactory beanFactory,
			Function<List<ComponentDeclarationSource>, List<ComponentDeclaration>> declarations, boolean complete) {
		this.beanFactory = beanFactory;
		this.declarations = declarations;
		this.complete = complete;
	}

	/**
	 * Register the definitions that are not registered yet.
	 * @param host name of the host bean
	 */
	public void register(String host) {
		List<ComponentKind<?>> kinds = new ArrayList<>(ComponentHost.builtInKinds());
		kinds.addAll(beans(ComponentKind.class, this::isSelfContained).stream()
			.<ComponentKind<?>>map((kind) -> kind)
			.toList());
		Implementations implementations = implementations();
		List<ComponentDeclaration> declarations = this.declarations
			.apply(beans(ComponentDeclarationSource.class, this::isStatic));
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
			// The host reports the error together with the origin of the declaration.
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
	 * The implementations in the process of the application.
	 *
	 * @param found the known implementations
	 * @param all whether the list is complete
	 */
	private record Implementations(List<ComponentImplementation<?>> found, boolean all) {

		/**
		 * Return whether a declaration may declare a component of a kind. A built-in
		 * implementation of one kind is not a component of another kind with the same
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
