package dev.pluggable.spring.listener;

import org.jspecify.annotations.Nullable;

import org.springframework.core.MethodParameter;
import org.springframework.messaging.Message;
import org.springframework.messaging.handler.annotation.support.PayloadMethodArgumentResolver;
import org.springframework.validation.Validator;

/**
 * Resolves payload parameters. Converts the payload to the type of the parameter. If the
 * type is {@code Object}, the content type decides the type of the payload. An empty
 * payload becomes an empty {@code String}.
 */
final class ContentTypePayloadArgumentResolver extends PayloadMethodArgumentResolver {

	private final PayloadConverter converter;

	ContentTypePayloadArgumentResolver(PayloadConverter converter, @Nullable Validator validator) {
		super(converter.messages(), validator);
		this.converter = converter;
	}

	@Override
	public @Nullable Object resolveArgument(MethodParameter parameter, Message<?> message) throws Exception {
		Class<?> type = parameter.getParameterType();
		if (message.getPayload() instanceof byte[] bytes && bytes.length == 0) {
			if (type == byte[].class || type == Object.class) {
				return bytes;
			}
			if (type == String.class) {
				return "";
			}
		}
		return super.resolveArgument(parameter, message);
	}

	@Override
	protected Class<?> resolveTargetClass(MethodParameter parameter, Message<?> message) {
		return this.converter.target(super.resolveTargetClass(parameter, message), message);
	}

}
