package dev.pluggable.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Verifies that the driver and JMH run. The tests ignore the measured figures.
 */
class BenchmarksTests {

	@Test
	void whenCallsAreMeasuredThenTheReportHasThem(@TempDir Path out) throws Exception {
		Process process = java(Benchmarks.class.getName(), "--smoke", "--only", "calls", "--out", out.toString());
		assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
		assertThat(process.exitValue()).isZero();
		assertThat(out.resolve("results.md")).content().contains("get 100 B, 1 caller", "bytes, proxy above stub");
		Report report = Report.read(out.resolve("results.json"));
		assertThat(report.aims()).isNotEmpty();
		assertThat(report.tables()).singleElement()
			.satisfies((table) -> assertThat(table.rows()).hasSizeGreaterThan(5)
				.allSatisfy((row) -> assertThat(row).containsKeys("p50", "bytes", "p50 ratio")));
	}

	@Test
	void whenJmhIsAskedThenItKnowsTheBenchmarks(@TempDir Path out) throws Exception {
		Path file = out.resolve("list");
		Process process = java("org.openjdk.jmh.Main", "-l", "-o", file.toString());
		assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
		assertThat(Files.readString(file)).contains("StateBenchmark.proxyGet", "StateBenchmark.stubGet");
	}

	private static Process java(String main, String... arguments) throws Exception {
		ProcessBuilder builder = new ProcessBuilder(ServerProcess.java().toString(), "-cp",
				System.getProperty("java.class.path"), main);
		builder.command().addAll(List.of(arguments));
		return builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
	}

}
