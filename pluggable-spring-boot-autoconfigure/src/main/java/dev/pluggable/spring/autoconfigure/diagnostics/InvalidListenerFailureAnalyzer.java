package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.spring.listener.InvalidListenerException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Failure analyzer for invalid listener methods.
 */
class InvalidListenerFailureAnalyzer extends AbstractFailureAnalyzer<InvalidListenerException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidListenerException cause) {
		return Explanation.analysis(new Explanation().message(cause), new Explanation().line(cause.getAction()), cause);
	}

}
