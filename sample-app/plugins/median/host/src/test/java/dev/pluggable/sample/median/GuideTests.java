package dev.pluggable.sample.median;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The code that the guide shows is that of this sample.
 */
class GuideTests {

	private static final Path GUIDE = Path.of("../../../../docs/plugins.md");

	private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

	private static final Pattern GAP = Pattern.compile("\\s*// \\.\\.\\.\\s*|\\n\\n");

	@Test
	void whenGuideShowsCodeThenItIsInTheSources() throws Exception {
		List<String> sources;
		try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
			sources = files.filter(Files::isRegularFile).map(GuideTests::read).map(GuideTests::normalized).toList();
		}
		List<String> parts = JAVA.matcher(read(GUIDE))
			.results()
			.flatMap((block) -> GAP.splitAsStream(block.group(1)))
			.map(GuideTests::normalized)
			.filter((part) -> !part.equals("}"))
			.toList();
		assertThat(parts).hasSizeGreaterThan(5)
			.allSatisfy((part) -> assertThat(sources).anyMatch((source) -> source.contains(part)));
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String normalized(String code) {
		return code.strip().replaceAll("\\s+", " ");
	}

}
