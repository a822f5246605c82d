package dev.pluggable.spring.listener;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.messaging.MessageHandlingException;
import org.springframework.messaging.handler.annotation.support.MethodArgumentNotValidException;
import org.springframework.validation.Errors;
import org.springframework.validation.FieldError;

/**
 * Thrown if a payload cannot be converted or is not valid. The exception repeats nothing
 * of the payload. The exception has no cause, because the messages of converters quote
 * the payload.
 *
 * @since 0.1.0
 */
public class InvalidPayloadException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception.
	 * @param problem the problem, without any part of the payload
	 */
	public InvalidPayloadException(String problem) {
		super(problem);
	}

	/**
	 * Create an exception from the failure of a converter.
	 * @param failure the exception of the converter
	 */
	public InvalidPayloadException(Exception failure) {
		super(describe(failure));
	}

	private static String describe(Exception failure) {
		if (failure instanceof MethodArgumentNotValidException invalid) {
			return "the payload is not valid" + describe(invalid.getBindingResult());
		}
		if (failure instanceof MessageHandlingException && failure.getCause() == null) {
			return String.valueOf(failure.getMessage());
		}
		Throwable cause = failure;
		while (cause.getCause() != null && cause.getCause() != cause) {
			cause = cause.getCause();
		}
		String place = JsonPlace.of(cause);
		return "the payload cannot be converted (" + cause.getClass().getSimpleName() + ((place != null) ? place : "")
				+ ")";
	}

	private static String describe(@Nullable Errors errors) {
		List<String> problems = new ArrayList<>();
		if (errors != null) {
			for (FieldError error : errors.getFieldErrors()) {
				// Brackets may contain a key of a map, which is a part of the payload.
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
