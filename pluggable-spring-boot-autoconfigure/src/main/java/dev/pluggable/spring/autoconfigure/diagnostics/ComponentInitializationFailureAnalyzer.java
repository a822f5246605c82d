package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.ComponentInitializationException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Failure analyzer for built-in components that the host cannot create.
 */
class ComponentInitializationFailureAnalyzer extends AbstractFailureAnalyzer<ComponentInitializationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ComponentInitializationException cause) {
		return Explanation.analysis(new Explanation().message(cause),
				new Explanation().line("Correct the metadata of the component below "
						+ "'pluggable.components.<name>.metadata' or in its component file, or declare another type:")
					.code("pluggable.components.<name>.type=<kind>.<implementation>"),
				cause);
	}

}
