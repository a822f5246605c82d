package dev.pluggable.sample.host;

import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.MessageTooLargeException;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.pubsub.BulkPublishException;
import dev.pluggable.secrets.SecretNotFoundException;
import dev.pluggable.state.EtagInvalidException;
import dev.pluggable.state.EtagMismatchException;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Turns exceptions of components into {@code application/problem+json}.
 */
@RestControllerAdvice
class ComponentExceptionHandler extends ResponseEntityExceptionHandler {

	private static final String RETRY_AFTER_SECONDS = "1";

	@ExceptionHandler
	ResponseEntity<ProblemDetail> handle(ComponentUnavailableException ex) {
		ProblemDetail problem = problem(HttpStatus.SERVICE_UNAVAILABLE, ex);
		problem.setProperty("mayHaveBeenApplied", ex.mayHaveBeenApplied());
		return ResponseEntity.of(problem).header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS).build();
	}

	@ExceptionHandler
	ProblemDetail handle(ComponentTimeoutException ex) {
		return problem(HttpStatus.GATEWAY_TIMEOUT, ex);
	}

	/**
	 * A text that is no etag of the store matches no value.
	 */
	@ExceptionHandler({ EtagMismatchException.class, EtagInvalidException.class })
	ProblemDetail handleEtag(PluggableException ex) {
		return problem(HttpStatus.PRECONDITION_FAILED, ex);
	}

	@ExceptionHandler
	ProblemDetail handle(InvalidRequestException ex) {
		return problem(HttpStatus.BAD_REQUEST, ex);
	}

	@ExceptionHandler
	ProblemDetail handle(MessageTooLargeException ex) {
		return problem(HttpStatus.CONTENT_TOO_LARGE, ex);
	}

	@ExceptionHandler
	ProblemDetail handle(UnsupportedOperationByComponentException ex) {
		return problem(HttpStatus.NOT_IMPLEMENTED, ex);
	}

	@ExceptionHandler
	ProblemDetail handle(SecretNotFoundException ex) {
		return problem(HttpStatus.NOT_FOUND, ex);
	}

	@ExceptionHandler
	ProblemDetail handle(BulkPublishException ex) {
		ProblemDetail problem = problem(HttpStatus.BAD_GATEWAY, ex);
		problem.setProperty("failedEntries", ex.getFailedEntries().keySet());
		return problem;
	}

	/**
	 * All other failures of a component.
	 */
	@ExceptionHandler
	ProblemDetail handleOther(PluggableException ex) {
		return problem(HttpStatus.BAD_GATEWAY, ex);
	}

	private static ProblemDetail problem(HttpStatus status, PluggableException ex) {
		return ProblemDetail.forStatusAndDetail(status, ex.getMessage());
	}

}
