package dev.pluggable.protoc;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compiles generated code in this process.
 */
final class JavaCompilation {

	static final String CLASS_PATH = System.getProperty("surefire.test.class.path",
			System.getProperty("java.class.path"));

	private final Path classes;

	JavaCompilation(Path work) {
		try {
			this.classes = Files.createDirectories(work.resolve("classes"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Compile a folder, without regard to warnings.
	 */
	JavaCompilation compile(Path sources) {
		assertThat(diagnose(sources, List.of("-nowarn"))).as("errors").isEmpty();
		return this;
	}

	/**
	 * Compile a folder, which must not have anything to warn of.
	 */
	JavaCompilation compileStrictly(Path sources) {
		assertThat(diagnose(sources, List.of("-Xlint:all", "-Xdoclint:all/protected", "-Werror"))).as("warnings")
			.isEmpty();
		return this;
	}

	/**
	 * Compile a folder.
	 * @return warnings and errors
	 */
	private List<String> diagnose(Path sources, List<String> options) {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
		List<String> arguments = new ArrayList<>(options);
		arguments.addAll(List.of("-proc:none", "--release", "17", "-encoding", "UTF-8", "-parameters", "-d",
				this.classes.toString(), "-classpath", this.classes + File.pathSeparator + CLASS_PATH));
		try (StandardJavaFileManager files = compiler.getStandardFileManager(diagnostics, null, StandardCharsets.UTF_8);
				Stream<Path> paths = Files.walk(sources)) {
			List<Path> java = paths.filter((path) -> path.toString().endsWith(".java")).toList();
			if (!java.isEmpty()) {
				compiler.getTask(null, files, diagnostics, arguments, null, files.getJavaFileObjectsFromPaths(java))
					.call();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		// The class path may name jars that do not exist, which is no matter of this
		// code.
		return diagnostics.getDiagnostics()
			.stream()
			.filter((diagnostic) -> diagnostic.getKind() != Diagnostic.Kind.NOTE)
			.map(Object::toString)
			.filter((text) -> !text.contains("[path]") && !text.contains("[options]")
					&& !text.contains("warnings found and -Werror"))
			.toList();
	}

	/**
	 * The compiled classes.
	 * @return a class loader, which the caller closes
	 */
	URLClassLoader load() {
		try {
			return new URLClassLoader(new URL[] { this.classes.toUri().toURL() },
					JavaCompilation.class.getClassLoader());
		}
		catch (MalformedURLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
