package dev.pluggable.spring.autoconfigure.diagnostics;

import java.util.Locale;

import dev.pluggable.transport.TransportType;
import dev.pluggable.transport.TransportUnavailableException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Failure analyzer for a configured transport that does not work on the machine.
 */
class TransportUnavailableFailureAnalyzer extends AbstractFailureAnalyzer<TransportUnavailableException> {

	private static final String PROPERTY = "pluggable.transport.type";

	private final PropertyOrigins origins;

	TransportUnavailableFailureAnalyzer(@Nullable Environment environment) {
		this.origins = new PropertyOrigins(environment);
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, TransportUnavailableException cause) {
		Explanation description = new Explanation().message(cause);
		if (cause.getType() != TransportType.AUTO) {
			description.paragraph("The transport is set by " + this.origins.describe(PROPERTY) + ".");
		}
		Explanation action = new Explanation();
		String platform = platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
		String artifact = artifact(cause.getType(), platform);
		if (artifact != null) {
			action.line("Add the dependency " + artifact + ", whose version Spring Boot manages.")
				.paragraph("Alternatively, use the best transport that works on this machine:");
		}
		else {
			action.line("Use the best transport that works on this machine (this is " + platform + "):");
		}
		return Explanation.analysis(description, action.code(PROPERTY + "=auto"), cause);
	}

	/**
	 * Return the missing dependency, if the dependency can help on this machine.
	 */
	static @Nullable String artifact(TransportType type, String platform) {
		return switch (type) {
			case EPOLL -> platform.startsWith("linux-")
					? "io.netty:netty-transport-native-epoll with the classifier '" + platform + "'" : null;
			case KQUEUE -> platform.startsWith("osx-")
					? "io.netty:netty-transport-native-kqueue with the classifier '" + platform + "'" : null;
			case NIO, AUTO -> null;
		};
	}

	/**
	 * Return the name of a platform, as in the classifiers of Netty's native libraries.
	 */
	static String platform(String system, String architecture) {
		String name = system.toLowerCase(Locale.ROOT);
		String processor = switch (architecture.toLowerCase(Locale.ROOT)) {
			case "amd64", "x86_64" -> "x86_64";
			case "aarch64", "arm64" -> "aarch_64";
			default -> architecture;
		};
		return (name.startsWith("mac") ? "osx" : name) + "-" + processor;
	}

}
