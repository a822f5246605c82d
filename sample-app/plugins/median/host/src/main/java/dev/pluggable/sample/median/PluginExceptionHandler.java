package dev.pluggable.sample.median;

import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * Turns exceptions of plugins into {@code application/problem+json}.
 */
@RestControllerAdvice
class PluginExceptionHandler {

	private static final String RETRY_AFTER_SECONDS = "1";

	@ExceptionHandler
	ResponseEntity<ProblemDetail> handle(ComponentUnavailableException ex) {
		return ResponseEntity.of(problem(HttpStatus.SERVICE_UNAVAILABLE, ex))
			.header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
			.build();
	}

	@ExceptionHandler
	ProblemDetail handle(ComponentTimeoutException ex) {
		return problem(HttpStatus.GATEWAY_TIMEOUT, ex);
	}

	@ExceptionHandler
	ProblemDetail handle(PluggableException ex) {
		return problem(HttpStatus.BAD_GATEWAY, ex);
	}

	private static ProblemDetail problem(HttpStatus status, PluggableException ex) {
		return ProblemDetail.forStatusAndDetail(status, ex.getMessage());
	}

}
