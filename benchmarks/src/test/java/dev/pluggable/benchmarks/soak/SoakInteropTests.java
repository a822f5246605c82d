package dev.pluggable.benchmarks.soak;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Verifies that the program of random faults runs, and that the product keeps its
 * promises during a few faults.
 */
@Tag("interop")
class SoakInteropTests {

	@Test
	void whenAFewFaultsHappenThenAllPromisesAreKept(@TempDir Path out) throws Exception {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("java.class.path"), "-Dlogback.configurationFile=soak-logback.xml",
				"-Dsoak.log=" + out.resolve("host.log"), Soak.class.getName(), "--sources", "go-plugin/soak",
				"--faults", "10", "--seed", "7", "--out", out.toString())
			.redirectErrorStream(true)
			.redirectOutput(out.resolve("output").toFile())
			.start();
		try {
			assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
		}
		finally {
			process.destroyForcibly();
		}
		assertThat(process.exitValue()).as(Files.readString(out.resolve("output"))).isZero();
		assertThat(out.resolve("soak.md")).content().contains("no acknowledged write is lost", "## Faults");
		assertThat(out.resolve("soak.log")).content().contains("fault 10");
	}

}
