package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.spring.listener.InvalidListenerException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains what is wrong with a listener method.
 */
class InvalidListenerFailureAnalyzer extends AbstractFailureAnalyzer<InvalidListenerException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidListenerException cause) {
		return Explanation.analysis(new Explanation().message(cause), new Explanation().line(cause.getAction()), cause);
	}

}
