package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.host.InvalidDeclarationException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Failure analyzer for declarations that match no component.
 */
class InvalidDeclarationFailureAnalyzer extends AbstractFailureAnalyzer<InvalidDeclarationException> {

	private final PropertyOrigins origins;

	InvalidDeclarationFailureAnalyzer(@Nullable Environment environment) {
		this.origins = new PropertyOrigins(environment);
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidDeclarationException cause) {
		String property = PropertyOrigins.component(cause.getComponent(), "type");
		String origin = cause.getOrigin();
		String where = (origin == null || this.origins.find(property) != null) ? this.origins.describe(property)
				: origin;
		return Explanation.analysis(
				new Explanation().message(cause).paragraph("The component is declared by " + where + "."),
				new Explanation().line(cause.getAction()), cause);
	}

}
