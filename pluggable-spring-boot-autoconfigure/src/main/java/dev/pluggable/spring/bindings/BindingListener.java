package dev.pluggable.spring.bindings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import dev.pluggable.spring.listener.ListenerReflectiveProcessor;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * A method of a bean that handles the events of an input binding and answers them.
 * <p>
 * A parameter is the data of the event, unless it is a Spring {@code Message}, a
 * {@link dev.pluggable.bindings.BindingEvent}, or annotated with {@code @Header} or
 * {@code @Headers}; {@link BindingHeaders} names the headers. {@code byte[]} and
 * {@code String} get the data as it is. The application's {@code MessageConverter}s or
 * JSON convert the data for other types. For {@code Object}, the content type decides.
 * Data that is {@code @Valid} or {@code @Validated} is validated.
 * <p>
 * The result of the method, now or by a {@code CompletionStage}, is the answer:
 * {@code byte[]} and {@code String} as they are, {@code null} as an empty answer,
 * anything else as JSON. If the method throws an exception, or the data cannot be
 * converted, the component is told that the event was not handled.
 * <p>
 * Texts may have placeholders: <code>${...}</code>.
 *
 * @since 0.1.0
 */
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Repeatable(BindingListeners.class)
@Reflective(ListenerReflectiveProcessor.class)
public @interface BindingListener {

	/**
	 * The component, or a bean of the type {@code InputBinding}. If it does not exist,
	 * the listener begins when it comes.
	 * @return a name, not empty
	 */
	String value();

	/**
	 * Name of the listener, by which it can be started and stopped.
	 * @return a name that no other listener has; {@code <bean>.<method>} without one
	 */
	String id() default "";

	/**
	 * How many events are handled at the same time at most.
	 * @return a number; that of the processors without one
	 */
	String concurrency() default "";

	/**
	 * How long it may take to handle an event; then its thread is interrupted, and the
	 * component is told that it was not handled.
	 * @return a time such as {@code 30s}; 1 minute without one
	 */
	String handlerTimeout() default "";

	/**
	 * How long events that are being handled may take when the listener is stopped.
	 * @return a time such as {@code 30s}; 10 seconds without one
	 */
	String grace() default "";

	/**
	 * Whether the listener begins with the application.
	 * @return {@code true} or {@code false}
	 * @see dev.pluggable.spring.listener.ListenerRegistry#start(String)
	 */
	String autoStartup() default "true";

}
