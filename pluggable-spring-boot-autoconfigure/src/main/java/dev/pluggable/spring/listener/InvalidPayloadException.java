package dev.pluggable.spring.listener;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.messaging.MessageHandlingException;
import org.springframework.messaging.handler.annotation.support.MethodArgumentNotValidException;
import org.springframework.validation.Errors;
import org.springframework.validation.FieldError;

/**
 * A listener cannot take the payload of a message. This exception has no cause and no
 * content of the payload, because the messages of converters quote the payload.
 *
 * @since 0.1.0
 */
public class InvalidPayloadException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Something is wrong with a message.
	 * @param problem what is wrong, without anything of the payload
	 */
	public InvalidPayloadException(String problem) {
		super(problem);
	}

	/**
	 * A converter refused a message.
	 * @param failure what the converter threw
	 */
	public InvalidPayloadException(Exception failure) {
		super(describe(failure));
	}

	private static String describe(Exception failure) {
		if (failure instanceof MethodArgumentNotValidException invalid) {
			return "it is not valid" + describe(invalid.getBindingResult());
		}
		if (failure instanceof MessageHandlingException && failure.getCause() == null) {
			return String.valueOf(failure.getMessage());
		}
		Throwable cause = failure;
		while (cause.getCause() != null && cause.getCause() != cause) {
			cause = cause.getCause();
		}
		String place = JsonPlace.of(cause);
		return "it cannot be converted (" + cause.getClass().getSimpleName() + ((place != null) ? place : "") + ")";
	}

	private static String describe(@Nullable Errors errors) {
		List<String> problems = new ArrayList<>();
		if (errors != null) {
			for (FieldError error : errors.getFieldErrors()) {
				// What is in brackets may be the key of a map.
				problems.add(error.getField().replaceAll("\\[[^\\]]*\\]", "[]") + " (" + error.getCode() + ")");
			}
			if (problems.isEmpty() && !errors.getGlobalErrors().isEmpty()) {
				String message = errors.getGlobalErrors().get(0).getCode();
				return (message != null) ? " (" + message + ")" : "";
			}
		}
		return problems.isEmpty() ? "" : ": " + problems;
	}

}
