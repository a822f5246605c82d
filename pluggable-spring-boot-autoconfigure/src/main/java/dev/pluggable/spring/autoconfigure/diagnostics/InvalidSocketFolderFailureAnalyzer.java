package dev.pluggable.spring.autoconfigure.diagnostics;

import java.nio.file.Path;

import dev.pluggable.spring.host.InvalidSocketFolderException;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Failure analyzer for socket folders that cannot contain reachable sockets.
 */
class InvalidSocketFolderFailureAnalyzer extends AbstractFailureAnalyzer<InvalidSocketFolderException> {

	private static final String PROPERTY = "pluggable.socket-folders";

	private final @Nullable Environment environment;

	InvalidSocketFolderFailureAnalyzer(@Nullable Environment environment) {
		this.environment = environment;
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidSocketFolderException cause) {
		return Explanation.analysis(
				new Explanation().message(cause).paragraph("The folder is set by " + where(cause.getFolder()) + "."),
				new Explanation().line(
						"Use a folder with a short path, or a short symbolic link to the folder, for this application "
								+ "and for the components:")
					.code(PROPERTY + "=/run/components"),
				cause);
	}

	private String where(Path folder) {
		PropertyOrigins origins = new PropertyOrigins(this.environment);
		if (this.environment != null && origins.find(PROPERTY) == null) {
			for (String variable : SocketPaths.FOLDER_VARIABLES) {
				String value = this.environment.getProperty(variable);
				if (StringUtils.hasLength(value) && Path.of(value).toAbsolutePath().normalize().equals(folder)) {
					return "the environment variable '" + variable + "'";
				}
			}
		}
		return origins.describe(PROPERTY);
	}

}
