package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.spring.resources.ComponentFileException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Failure analyzer for invalid component files.
 */
class ComponentFileFailureAnalyzer extends AbstractFailureAnalyzer<ComponentFileException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ComponentFileException cause) {
		return new FailureAnalysis(cause.getMessage() + ".", cause.action(), cause);
	}

}
