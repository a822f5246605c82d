package dev.pluggable.protoc;

import java.lang.reflect.InvocationTargetException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Generates and compiles the contracts in {@code src/test/contracts}, and runs the code
 * beside them, which uses the contracts as an application does.
 */
@Timeout(120)
class GeneratedContractTests {

	@TempDir
	Path work;

	@Test
	void greeterIsCalledOnASocket() throws Throwable {
		run("greeter", "");
	}

	@Test
	void counterIsAPluginWithReferencesOfEachKind() throws Throwable {
		run("counter", "");
	}

	private void run(String name, String parameter) throws Throwable {
		Path sources = Path.of("src/test/contracts", name);
		Protoc protoc = new Protoc(sources, this.work);
		JavaCompilation compilation = new JavaCompilation(this.work).compile(protoc.stubs())
			.compileStrictly(protoc.contracts(parameter))
			.compileStrictly(sources);
		try (URLClassLoader classes = compilation.load()) {
			Path folder = Files.createTempDirectory("pg");
			try {
				Class.forName("example.Use", true, classes).getMethod("run", Path.class).invoke(null, folder);
			}
			catch (InvocationTargetException ex) {
				throw ex.getCause();
			}
			finally {
				Files.deleteIfExists(folder);
			}
		}
	}

}
