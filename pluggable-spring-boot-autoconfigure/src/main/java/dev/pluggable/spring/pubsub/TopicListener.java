package dev.pluggable.spring.pubsub;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import dev.pluggable.spring.listener.ListenerReflectiveProcessor;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks a method of a bean that handles the messages of a topic.
 * <p>
 * A parameter can be a Spring {@code Message} or a {@link dev.pluggable.pubsub.Message}.
 * A parameter with {@code @Header} or {@code @Headers} receives headers, which
 * {@link PubSubHeaders} names. Any other parameter receives the payload: {@code byte[]}
 * and {@code String} without conversion, {@code Object} with a type that follows from the
 * content type, and other types converted by the application's {@code MessageConverter}s
 * or from JSON. A payload with {@code @Valid} or {@code @Validated} is validated. The
 * payload of a CloudEvent is the data of the CloudEvent.
 * <p>
 * The method can return a {@link dev.pluggable.pubsub.MessageOutcome}, also in a
 * {@code CompletionStage}, to acknowledge, retry or drop the message. Any other result
 * acknowledges the message. After an exception the message is retried, unless
 * {@link #dropOn()} names the exception. A message that cannot be converted or is not
 * valid is dropped.
 * <p>
 * All textual attributes may contain placeholders: <code>${...}</code>.
 *
 * @since 0.1.0
 */
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Repeatable(TopicListeners.class)
@Reflective(ListenerReflectiveProcessor.class)
public @interface TopicListener {

	/**
	 * The topic.
	 * @return a topic, not empty
	 */
	String topic();

	/**
	 * Name of the component, or of a bean of the type {@code PubSub}. If the component
	 * does not exist, the listener waits until the component appears.
	 * @return a name. The default is the component that Spring would inject as
	 * {@code PubSub}
	 */
	String pubsub() default "";

	/**
	 * Id of the listener in the {@link dev.pluggable.spring.listener.ListenerRegistry}.
	 * @return a unique id. The default is {@code <bean>.<method>}
	 */
	String id() default "";

	/**
	 * Maximum number of messages that are handled at the same time. With 1, the messages
	 * keep their order.
	 * @return a number. The default is the number of processors
	 */
	String concurrency() default "";

	/**
	 * Maximum number of calls of the method for each delivery of a message. After the
	 * last failed attempt, the message goes to the dead-letter topic or back to the
	 * component.
	 * @return a number. The default is 1
	 */
	String attempts() default "";

	/**
	 * Delay between two attempts.
	 * @return a duration such as {@code 500ms}. The default is no delay
	 */
	String retryDelay() default "";

	/**
	 * Maximum duration of an attempt. After this time the thread of the attempt is
	 * interrupted, and the attempt has failed.
	 * @return a duration such as {@code 30s}. The default is 1 minute
	 */
	String handlerTimeout() default "";

	/**
	 * Time that handlers in progress have to finish when the listener is stopped.
	 * @return a duration such as {@code 30s}. The default is 10 seconds
	 */
	String grace() default "";

	/**
	 * Topic of the same component that receives messages after the last failed attempt,
	 * and dropped messages.
	 * @return a topic. Without a dead-letter topic, failed messages go back to the
	 * component, and dropped messages are lost
	 */
	String deadLetterTopic() default "";

	/**
	 * Exceptions of the method after which the message is dropped instead of retried.
	 * @return exception types, which include their subtypes
	 */
	Class<? extends Throwable>[] dropOn() default {};

	/**
	 * Metadata of the subscription, which the component receives.
	 * @return entries of the form {@code key=value}
	 */
	String[] metadata() default {};

	/**
	 * Whether the payload of a CloudEvent is the whole CloudEvent instead of the data.
	 * The payload of a message with the metadata {@code rawPayload=true} is always the
	 * whole message.
	 * @return {@code true} to receive whole CloudEvents
	 */
	boolean rawPayload() default false;

	/**
	 * Whether the listener starts with the application.
	 * @return {@code true} or {@code false}
	 * @see dev.pluggable.spring.listener.ListenerRegistry#start(String)
	 */
	String autoStartup() default "true";

}
