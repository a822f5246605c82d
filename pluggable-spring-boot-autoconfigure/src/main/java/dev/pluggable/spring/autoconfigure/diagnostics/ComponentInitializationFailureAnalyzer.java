package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.ComponentInitializationException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains that a component inside the application's process cannot be made.
 */
class ComponentInitializationFailureAnalyzer extends AbstractFailureAnalyzer<ComponentInitializationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ComponentInitializationException cause) {
		return Explanation.analysis(new Explanation().message(cause), new Explanation()
			.line("Correct what the component gets for its initialization, which is set below "
					+ "'pluggable.components.<name>.metadata' or in its component file, or declare it with another type:")
			.code("pluggable.components.<name>.type=<kind>.<implementation>"), cause);
	}

}
