package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.spring.resources.ComponentFileException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains that a component file cannot be used.
 */
class ComponentFileFailureAnalyzer extends AbstractFailureAnalyzer<ComponentFileException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ComponentFileException cause) {
		return new FailureAnalysis(cause.getMessage() + ".", cause.action(), cause);
	}

}
