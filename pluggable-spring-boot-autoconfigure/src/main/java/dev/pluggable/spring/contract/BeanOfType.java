package dev.pluggable.spring.contract;

import java.util.Objects;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;

/**
 * Looks a bean up when the bean is needed, because kinds are made before other beans.
 *
 * @param <T> type of the bean
 */
final class BeanOfType<T> implements Supplier<T>, BeanFactoryAware {

	private final Class<T> type;

	private @Nullable BeanFactory beanFactory;

	BeanOfType(Class<T> type) {
		this.type = type;
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public T get() {
		return Objects.requireNonNull(this.beanFactory).getBean(this.type);
	}

}
