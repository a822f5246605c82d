package dev.pluggable.spring.listener;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.convert.ConversionService;
import org.springframework.format.support.DefaultFormattingConversionService;
import org.springframework.messaging.handler.annotation.support.HeaderMethodArgumentResolver;
import org.springframework.messaging.handler.annotation.support.HeadersMethodArgumentResolver;
import org.springframework.messaging.handler.invocation.HandlerMethodArgumentResolver;
import org.springframework.messaging.handler.invocation.HandlerMethodArgumentResolverComposite;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.validation.Validator;

/**
 * Finds the annotated methods of all beans, lazy beans included, and makes the methods
 * callable.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ListenerMethods {

	private final ConfigurableListableBeanFactory beanFactory;

	private final SingletonSupplier<HandlerMethodArgumentResolverComposite> resolvers;

	/**
	 * Create a finder.
	 * @param beanFactory the factory of the beans
	 * @param converter converts payloads. The converter is created with the first
	 * listener
	 * @param validator validates annotated payloads. The validator is optional and is
	 * created with the first listener
	 */
	public ListenerMethods(ConfigurableListableBeanFactory beanFactory, ObjectProvider<PayloadConverter> converter,
			ObjectProvider<Validator> validator) {
		this.beanFactory = beanFactory;
		this.resolvers = SingletonSupplier
			.of(() -> resolvers(beanFactory, converter.getObject(), validator.getIfUnique()));
	}

	private static HandlerMethodArgumentResolverComposite resolvers(ConfigurableListableBeanFactory beanFactory,
			PayloadConverter converter, @Nullable Validator validator) {
		ConversionService conversion = beanFactory.getConversionService();
		List<HandlerMethodArgumentResolver> list = new ArrayList<>();
		list.add(new HeaderMethodArgumentResolver(
				(conversion != null) ? conversion : new DefaultFormattingConversionService(), beanFactory));
		list.add(new HeadersMethodArgumentResolver());
		list.add(new ContentTypeMessageArgumentResolver(converter));
		list.add(new ContentTypePayloadArgumentResolver(converter, validator));
		return new HandlerMethodArgumentResolverComposite().addResolvers(list);
	}

	/**
	 * Define the listeners of all beans.
	 * @param <A> the annotation
	 * @param annotation the annotation, which may also be a meta-annotation
	 * @param container the container annotation for repeated annotations
	 * @param definer creates a listener from an annotation and the annotated method
	 * @return the listeners
	 */
	public <A extends Annotation> List<ListenerDefinition<?>> define(Class<A> annotation,
			Class<? extends Annotation> container, BiFunction<A, ListenerEndpoint, ListenerDefinition<?>> definer) {
		List<ListenerDefinition<?>> definitions = new ArrayList<>();
		for (String beanName : this.beanFactory.getBeanNamesForType(Object.class)) {
			Class<?> type = ScopedProxyUtils.isScopedTarget(beanName) ? null
					: AutoProxyUtils.determineTargetClass(this.beanFactory, beanName);
			if (type == null || isOfSpring(type) || !AnnotationUtils.isCandidateClass(type, annotation)) {
				continue;
			}
			Map<Method, Set<A>> methods = MethodIntrospector.selectMethods(type,
					(MethodIntrospector.MetadataLookup<Set<A>>) (method) -> {
						Set<A> found = AnnotatedElementUtils.findMergedRepeatableAnnotations(method, annotation,
								container);
						return found.isEmpty() ? null : found;
					});
			methods.forEach((method, annotations) -> {
				ListenerEndpoint endpoint = endpoint(annotation, beanName, method);
				annotations.forEach((found) -> definitions.add(definer.apply(found, endpoint)));
			});
		}
		return definitions;
	}

	/**
	 * Spring's own beans have no listeners. The search skips these beans to save time.
	 */
	private static boolean isOfSpring(Class<?> type) {
		return type.getName().startsWith("org.springframework.")
				&& !AnnotatedElementUtils.isAnnotated(type, Component.class);
	}

	private ListenerEndpoint endpoint(Class<?> annotation, String beanName, Method method) {
		Object bean = this.beanFactory.getBean(beanName);
		try {
			Method invocable = AopUtils.selectInvocableMethod(method, bean.getClass());
			return new ListenerEndpoint(annotation.getSimpleName(), beanName, method,
					new ListenerMethod(bean, invocable, this.resolvers.obtain()),
					this.beanFactory::resolveEmbeddedValue);
		}
		catch (IllegalStateException ex) {
			throw new InvalidListenerException("@" + annotation.getSimpleName() + " on " + method,
					String.valueOf(ex.getMessage()),
					"Declare the method in an interface of the bean, or let Spring proxy the class of the bean.");
		}
	}

}
