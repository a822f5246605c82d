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
 * A method of a bean that handles the messages of a topic.
 * <p>
 * A parameter is the payload, unless it is a Spring {@code Message}, a
 * {@link dev.pluggable.pubsub.Message}, or annotated with {@code @Header} or
 * {@code @Headers}; {@link PubSubHeaders} names the headers. {@code byte[]} and
 * {@code String} get the payload as it is. The application's {@code MessageConverter}s or
 * JSON convert the payload for other types. For {@code Object}, the content type decides.
 * A payload that is {@code @Valid} or {@code @Validated} is validated. A CloudEvent is
 * unwrapped: its data is the payload.
 * <p>
 * A {@link dev.pluggable.pubsub.MessageOutcome} that the method returns, now or by a
 * {@code CompletionStage}, settles the message; any other result acknowledges the
 * message. After an exception the message is tried again, unless {@link #dropOn()} names
 * it. A message that cannot be converted or is not valid is dropped.
 * <p>
 * Texts may have placeholders: <code>${...}</code>.
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
	 * The component, or a bean of the type {@code PubSub}. If it does not exist, the
	 * listener begins when it comes.
	 * @return a name; without one it is what would be injected as {@code PubSub}
	 */
	String pubsub() default "";

	/**
	 * Name of the listener, by which it can be started and stopped.
	 * @return a name that no other listener has; {@code <bean>.<method>} without one
	 */
	String id() default "";

	/**
	 * How many messages are handled at the same time at most. With 1 they keep their
	 * order.
	 * @return a number; that of the processors without one
	 */
	String concurrency() default "";

	/**
	 * How often a message is given to the method at most, each time the component sends
	 * it, before it goes to the dead-letter topic or back to the component.
	 * @return a number; 1 without one
	 */
	String attempts() default "";

	/**
	 * How long to wait between two attempts.
	 * @return a time such as {@code 500ms}; none without one
	 */
	String retryDelay() default "";

	/**
	 * How long an attempt may take; then its thread is interrupted, and it has failed.
	 * @return a time such as {@code 30s}; 1 minute without one
	 */
	String handlerTimeout() default "";

	/**
	 * How long messages that are being handled may take when the listener is stopped.
	 * @return a time such as {@code 30s}; 10 seconds without one
	 */
	String grace() default "";

	/**
	 * Where messages go that could not be handled: a topic of the same component.
	 * @return a topic; without one they go back to the component, or are lost if they are
	 * dropped
	 */
	String deadLetterTopic() default "";

	/**
	 * Exceptions of the method after which a message can never be handled: it is dropped
	 * instead of being tried again.
	 * @return exceptions, their subtypes included
	 */
	Class<? extends Throwable>[] dropOn() default {};

	/**
	 * What the component gets with the subscription.
	 * @return entries of the form {@code key=value}
	 */
	String[] metadata() default {};

	/**
	 * Whether the payload is what was published, even if that is a CloudEvent. Messages
	 * with the metadata {@code rawPayload=true} are never unwrapped.
	 * @return {@code true} to leave CloudEvents as they are
	 */
	boolean rawPayload() default false;

	/**
	 * Whether the listener begins with the application.
	 * @return {@code true} or {@code false}
	 * @see dev.pluggable.spring.listener.ListenerRegistry#start(String)
	 */
	String autoStartup() default "true";

}
