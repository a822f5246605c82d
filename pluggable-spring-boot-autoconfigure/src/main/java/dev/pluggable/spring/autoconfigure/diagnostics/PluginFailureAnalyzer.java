package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.plugin.PluginException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Failure analyzer for plugins that cannot be launched or called.
 */
class PluginFailureAnalyzer extends AbstractFailureAnalyzer<PluginException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, PluginException cause) {
		return Explanation.analysis(new Explanation().message(cause), new Explanation()
			.line("Check the properties below 'pluggable.plugins'. The property "
					+ "'pluggable.plugin-directory' sets the directory for private directories and sockets of plugins."),
				cause);
	}

}
