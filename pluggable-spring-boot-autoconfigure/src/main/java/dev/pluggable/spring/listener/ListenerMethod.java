package dev.pluggable.spring.listener;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.MethodParameter;
import org.springframework.core.convert.ConversionException;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.handler.HandlerMethod;
import org.springframework.messaging.handler.invocation.HandlerMethodArgumentResolverComposite;

/**
 * A listener method of a bean. Unlike Spring's {@code InvocableHandlerMethod}, this class
 * separates failures of the argument conversion from failures of the method, and never
 * logs arguments.
 */
final class ListenerMethod extends HandlerMethod {

	private final HandlerMethodArgumentResolverComposite resolvers;

	ListenerMethod(Object bean, Method method, HandlerMethodArgumentResolverComposite resolvers) {
		super(bean, method);
		this.resolvers = resolvers;
	}

	/**
	 * Convert a message to the arguments of the method.
	 * @param source the received object, the argument for a parameter of the same type
	 * @param message the received object as a Spring message
	 * @return the arguments
	 * @throws InvalidPayloadException if the message cannot be converted or is not valid
	 * @throws Exception if an argument cannot be resolved for another reason
	 */
	@Nullable Object[] arguments(Object source, Message<?> message) throws Exception {
		MethodParameter[] parameters = getMethodParameters();
		@Nullable Object[] arguments = new Object[parameters.length];
		for (int i = 0; i < parameters.length; i++) {
			MethodParameter parameter = parameters[i];
			if (parameter.getParameterType() == source.getClass()) {
				arguments[i] = source;
				continue;
			}
			parameter.initParameterNameDiscovery(DefaultParameterNameDiscoverer.getSharedInstance());
			try {
				arguments[i] = this.resolvers.resolveArgument(parameter, message);
			}
			catch (MessagingException | ConversionException ex) {
				throw new InvalidPayloadException(ex);
			}
		}
		return arguments;
	}

	/**
	 * Call the method.
	 * @param arguments the arguments
	 * @return the result of the method
	 * @throws Exception the exception of the method
	 */
	@Nullable Object call(@Nullable Object[] arguments) throws Exception {
		try {
			return getBridgedMethod().invoke(getBean(), arguments);
		}
		catch (InvocationTargetException ex) {
			if (ex.getTargetException() instanceof Exception exception) {
				throw exception;
			}
			if (ex.getTargetException() instanceof Error error) {
				throw error;
			}
			throw new IllegalStateException(ex.getTargetException());
		}
	}

}
