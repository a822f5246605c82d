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
 * Marks a method of a bean that handles the events of an input binding and answers the
 * events.
 * <p>
 * A parameter can be a Spring {@code Message} or a
 * {@link dev.pluggable.bindings.BindingEvent}. A parameter with {@code @Header} or
 * {@code @Headers} receives headers, which {@link BindingHeaders} names. Any other
 * parameter receives the data of the event: {@code byte[]} and {@code String} without
 * conversion, {@code Object} with a type that follows from the content type, and other
 * types converted by the application's {@code MessageConverter}s or from JSON. Data with
 * {@code @Valid} or {@code @Validated} is validated.
 * <p>
 * The result of the method, also in a {@code CompletionStage}, is the answer to the
 * event: {@code byte[]} and {@code String} without conversion, {@code null} as an empty
 * answer, and other objects converted by the application's {@code MessageConverter}s or
 * to JSON. If the method throws an exception or the data cannot be converted, the
 * component receives an error instead of an answer.
 * <p>
 * All attributes may contain placeholders: <code>${...}</code>.
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
	 * Name of the component, or of a bean of the type {@code InputBinding}. If the
	 * component does not exist, the listener waits until the component appears.
	 * @return a name, not empty
	 */
	String value();

	/**
	 * Id of the listener in the {@link dev.pluggable.spring.listener.ListenerRegistry}.
	 * @return a unique id. The default is {@code <bean>.<method>}
	 */
	String id() default "";

	/**
	 * Maximum number of events that are handled at the same time.
	 * @return a number. The default is the number of processors
	 */
	String concurrency() default "";

	/**
	 * Maximum duration of a call of the method. After this time the thread of the call is
	 * interrupted, and the component receives an error.
	 * @return a duration such as {@code 30s}. The default is 1 minute
	 */
	String handlerTimeout() default "";

	/**
	 * Time that handlers in progress have to finish when the listener is stopped.
	 * @return a duration such as {@code 30s}. The default is 10 seconds
	 */
	String grace() default "";

	/**
	 * Whether the listener starts with the application.
	 * @return {@code true} or {@code false}
	 * @see dev.pluggable.spring.listener.ListenerRegistry#start(String)
	 */
	String autoStartup() default "true";

}
