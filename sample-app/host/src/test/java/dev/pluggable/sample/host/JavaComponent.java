package dev.pluggable.sample.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import dev.pluggable.sample.h2.H2Component;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The Java component in its own process.
 */
final class JavaComponent {

	private final Process process;

	private JavaComponent(Process process) {
		this.process = process;
	}

	static JavaComponent start(Path sockets, Path data) throws IOException {
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		return new JavaComponent(new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classPath, H2Component.class.getName(),
				"--folder", sockets.toString(), "--data", data.toString())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(Path.of("target", "java-h2.log").toFile()))
			.start());
	}

	/**
	 * Kill the process ({@code SIGKILL}).
	 */
	void kill() throws InterruptedException {
		this.process.destroyForcibly();
		assertThat(this.process.waitFor(10, TimeUnit.SECONDS)).isTrue();
	}

}
