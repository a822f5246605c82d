package dev.pluggable.spring.listener;

import org.springframework.core.MethodParameter;
import org.springframework.messaging.Message;
import org.springframework.messaging.handler.annotation.support.MessageMethodArgumentResolver;
import org.springframework.messaging.support.MessageBuilder;

/**
 * Resolves {@code Message} parameters. Converts the payload to the type argument of the
 * parameter. If the type argument is {@code Object}, the content type decides the type of
 * the payload. An empty payload becomes an empty {@code String}.
 */
final class ContentTypeMessageArgumentResolver extends MessageMethodArgumentResolver {

	private final PayloadConverter converter;

	ContentTypeMessageArgumentResolver(PayloadConverter converter) {
		super(converter.messages());
		this.converter = converter;
	}

	@Override
	public Object resolveArgument(MethodParameter parameter, Message<?> message) throws Exception {
		if (message.getPayload() instanceof byte[] bytes && bytes.length == 0
				&& getPayloadType(parameter, message) == String.class) {
			return MessageBuilder.createMessage("", message.getHeaders());
		}
		return super.resolveArgument(parameter, message);
	}

	@Override
	protected Class<?> getPayloadType(MethodParameter parameter, Message<?> message) {
		return this.converter.target(super.getPayloadType(parameter, message), message);
	}

}
