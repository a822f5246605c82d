package dev.pluggable.spring.listener;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.messaging.Message;

/**
 * The annotated method of a bean. Resolves the placeholders in the attributes of the
 * annotation and parses the attributes.
 * <p>
 * Other packages of this module use this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ListenerEndpoint {

	private final String annotation;

	private final String beanName;

	private final Method method;

	private final ListenerMethod listenerMethod;

	private final PlaceholderResolver placeholders;

	ListenerEndpoint(String annotation, String beanName, Method method, ListenerMethod listenerMethod,
			PlaceholderResolver placeholders) {
		this.annotation = annotation;
		this.beanName = beanName;
		this.method = method;
		this.listenerMethod = listenerMethod;
		this.placeholders = placeholders;
		Class<?> type = method.getReturnType();
		boolean future = Future.class.isAssignableFrom(type)
				|| (type != Object.class && ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null);
		if (future && !CompletionStage.class.isAssignableFrom(type)) {
			throw invalid("a method must not return a " + type.getName(),
					"Return a CompletionStage, or wait for the result in the method.");
		}
	}

	/**
	 * Convert a message to the arguments of the method.
	 * @param source the received object, the argument for a parameter of the same type
	 * @param message the received object as a Spring message
	 * @return the arguments
	 * @throws InvalidPayloadException if the message cannot be converted or is not valid
	 * @throws Exception if an argument cannot be resolved for another reason
	 */
	public @Nullable Object[] arguments(Object source, Message<?> message) throws Exception {
		return this.listenerMethod.arguments(source, message);
	}

	/**
	 * Call the method.
	 * @param arguments the arguments
	 * @return the result of the method
	 * @throws Exception the exception of the method
	 */
	public @Nullable Object call(@Nullable Object[] arguments) throws Exception {
		return this.listenerMethod.call(arguments);
	}

	/**
	 * Resolve the placeholders of a text.
	 * @param attribute name of the attribute
	 * @param value value of the attribute
	 * @return the text, trimmed
	 */
	public String text(String attribute, String value) {
		try {
			return Objects.requireNonNullElse(this.placeholders.resolve(value), "").trim();
		}
		catch (IllegalArgumentException ex) {
			throw invalid("'" + attribute + "': " + ex.getMessage(),
					"Set the property, or write a default value after ':'.");
		}
	}

	/**
	 * Resolve the placeholders of a text that must not be empty.
	 * @param attribute name of the attribute
	 * @param value value of the attribute
	 * @return the text, trimmed
	 */
	public String required(String attribute, String value) {
		String text = text(attribute, value);
		if (text.isEmpty()) {
			throw invalid("'" + attribute + "' is empty", "Set the attribute.");
		}
		return text;
	}

	/**
	 * Read a number.
	 * @param attribute name of the attribute
	 * @param value value of the attribute
	 * @param otherwise the result for an empty value
	 * @return the number
	 */
	public int number(String attribute, String value, int otherwise) {
		String text = text(attribute, value);
		try {
			return text.isEmpty() ? otherwise : Integer.parseInt(text);
		}
		catch (NumberFormatException ex) {
			throw invalid("'" + attribute + "' is '" + text + "', which is not a number", "Write a whole number.");
		}
	}

	/**
	 * Read a duration.
	 * @param attribute name of the attribute
	 * @param value value of the attribute
	 * @param otherwise the result for an empty value
	 * @return the duration
	 */
	public Duration duration(String attribute, String value, Duration otherwise) {
		String text = text(attribute, value);
		try {
			return text.isEmpty() ? otherwise : DurationStyle.detectAndParse(text);
		}
		catch (IllegalArgumentException ex) {
			throw invalid("'" + attribute + "' is '" + text + "', which is not a duration",
					"Write a duration such as 500ms.");
		}
	}

	/**
	 * Read a boolean.
	 * @param attribute name of the attribute
	 * @param value value of the attribute
	 * @return the boolean
	 */
	public boolean flag(String attribute, String value) {
		String text = text(attribute, value);
		if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
			throw invalid("'" + attribute + "' is '" + text + "'", "Write true or false.");
		}
		return Boolean.parseBoolean(text);
	}

	/**
	 * Read entries of the form {@code key=value}.
	 * @param attribute name of the attribute
	 * @param values values of the attribute
	 * @return the entries
	 */
	public Map<String, String> entries(String attribute, String... values) {
		Map<String, String> entries = new LinkedHashMap<>();
		for (String value : values) {
			String text = text(attribute, value);
			int equals = text.indexOf('=');
			if (equals < 1) {
				throw invalid("an entry of '" + attribute + "' is not of the form key=value",
						"Write each entry as \"key=value\".");
			}
			entries.put(text.substring(0, equals).trim(), text.substring(equals + 1).trim());
		}
		return entries;
	}

	/**
	 * Create an object from the attributes. A refused attribute is reported with the
	 * annotated method.
	 * @param <R> type of the object
	 * @param supplier creates the object
	 * @return the object
	 * @throws InvalidListenerException if the supplier throws an
	 * {@code IllegalArgumentException}
	 */
	public <R> R checked(Supplier<R> supplier) {
		try {
			return supplier.get();
		}
		catch (IllegalArgumentException ex) {
			throw invalid(String.valueOf(ex.getMessage()), "Correct the attribute of the annotation.");
		}
	}

	InvalidListenerException invalid(String problem, String action) {
		return new InvalidListenerException(toString(), problem, action);
	}

	String beanName() {
		return this.beanName;
	}

	/**
	 * Return the class and the method.
	 * @return the simple names, such as {@code Orders.placed}
	 */
	public String name() {
		return this.method.getDeclaringClass().getSimpleName() + "." + this.method.getName();
	}

	String defaultId() {
		return this.beanName + "." + this.method.getName();
	}

	@Override
	public String toString() {
		return "@" + this.annotation + " on " + this.method.getDeclaringClass().getName() + "." + this.method.getName();
	}

	/**
	 * Resolves placeholders.
	 */
	interface PlaceholderResolver {

		@Nullable String resolve(String text);

	}

}
