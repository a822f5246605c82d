package dev.pluggable.spring.bindings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import dev.pluggable.spring.listener.ListenerReflectiveProcessor;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Several {@link BindingListener} annotations on one method.
 *
 * @since 0.1.0
 */
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Reflective(ListenerReflectiveProcessor.class)
public @interface BindingListeners {

	/**
	 * The annotations.
	 * @return one or more
	 */
	BindingListener[] value();

}
