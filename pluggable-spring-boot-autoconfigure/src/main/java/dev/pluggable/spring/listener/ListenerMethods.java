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
 * Finds annotated methods of beans, lazy ones included, and makes them callable.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class ListenerMethods {

	private final ConfigurableListableBeanFactory beanFactory;

	private final SingletonSupplier<HandlerMethodArgumentResolverComposite> resolvers;

	/**
	 * Finds methods of the beans of a factory.
	 * @param beanFactory the factory
	 * @param converter converts payloads; asked for when there is a listener
	 * @param validator validates payloads that are to be, if there is one; asked for when
	 * there is a listener
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
	 * @param annotation the annotation, which methods may have through another one
	 * @param container the annotation that holds several of them
	 * @param definer makes a listener of an annotation and its place
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
				ListenerEndpoint site = site(annotation, beanName, method);
				annotations.forEach((found) -> definitions.add(definer.apply(found, site)));
			});
		}
		return definitions;
	}

	/**
	 * Spring's own beans have no listeners, and are many.
	 */
	private static boolean isOfSpring(Class<?> type) {
		return type.getName().startsWith("org.springframework.")
				&& !AnnotatedElementUtils.isAnnotated(type, Component.class);
	}

	private ListenerEndpoint site(Class<?> annotation, String beanName, Method method) {
		Object bean = this.beanFactory.getBean(beanName);
		try {
			Method invocable = AopUtils.selectInvocableMethod(method, bean.getClass());
			return new ListenerEndpoint(annotation.getSimpleName(), beanName, method,
					new ListenerMethod(bean, invocable, this.resolvers.obtain()),
					this.beanFactory::resolveEmbeddedValue);
		}
		catch (IllegalStateException ex) {
			throw new InvalidListenerException("@" + annotation.getSimpleName() + " on " + method,
					String.valueOf(ex.getMessage()), "Make the method one that the proxy of the bean has.");
		}
	}

}
