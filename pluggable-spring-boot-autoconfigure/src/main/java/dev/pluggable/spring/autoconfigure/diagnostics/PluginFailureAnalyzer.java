package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.plugin.PluginException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains that plugins cannot be launched or spoken to.
 */
class PluginFailureAnalyzer extends AbstractFailureAnalyzer<PluginException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, PluginException cause) {
		return Explanation
			.analysis(new Explanation().message(cause),
					new Explanation().line("Plugins are set below 'pluggable.plugins'; "
							+ "'pluggable.plugin-directory' sets where their private directories and sockets are."),
					cause);
	}

}
