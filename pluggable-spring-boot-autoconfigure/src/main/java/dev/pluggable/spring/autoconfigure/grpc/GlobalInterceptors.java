package dev.pluggable.spring.autoconfigure.grpc;

import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Finds beans by their type and an annotation.
 */
final class GlobalInterceptors {

	private GlobalInterceptors() {
	}

	/**
	 * Create and order the beans.
	 * @param <T> type of the beans
	 * @param beanFactory the factory of the beans
	 * @param type type of the beans
	 * @param annotation the annotation on the class or the bean method
	 * @return the beans in order, immutable
	 */
	static <T> List<T> find(ConfigurableListableBeanFactory beanFactory, Class<T> type,
			Class<? extends Annotation> annotation) {
		Set<T> global = Collections.newSetFromMap(new IdentityHashMap<>());
		for (String name : beanFactory.getBeanNamesForType(type)) {
			if (beanFactory.findAnnotationOnBean(name, annotation) != null) {
				global.add(beanFactory.getBean(name, type));
			}
		}
		if (global.isEmpty()) {
			return List.of();
		}
		List<T> ordered = new ArrayList<>(beanFactory.getBeanProvider(type).orderedStream().toList());
		ordered.removeIf((interceptor) -> !global.contains(interceptor));
		return List.copyOf(ordered);
	}

}
