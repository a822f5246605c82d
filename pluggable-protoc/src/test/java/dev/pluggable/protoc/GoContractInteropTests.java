package dev.pluggable.protoc;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests contracts that are generated with an overlay, with plugins in Go on go-plugin
 * that know nothing of this product. Each process is killed at each step. Fails if Go is
 * missing.
 */
@Tag("interop")
@Timeout(300)
class GoContractInteropTests {

	private static final Path CONTRACT = Path.of("src/test/contracts/stranger").toAbsolutePath();

	@TempDir
	static Path work;

	private static URLClassLoader classes;

	private Path folder;

	@BeforeAll
	static void build() throws Exception {
		Protoc protoc = new Protoc(CONTRACT, work);
		classes = new JavaCompilation(work).compile(protoc.stubs())
			.compileStrictly(protoc.contracts("overlay=" + CONTRACT.resolve("overlay.textproto")))
			.compileStrictly(CONTRACT)
			.load();
		Path go = Files.createDirectories(work.resolve("go"));
		try (Stream<Path> files = Files.list(Path.of("src/test/go/stranger"))) {
			for (Path file : files.toList()) {
				Files.copy(file, go.resolve(file.getFileName()));
			}
		}
		run(go, "go", "build", "-mod=readonly", "-o", "tools/", "google.golang.org/protobuf/cmd/protoc-gen-go",
				"google.golang.org/grpc/cmd/protoc-gen-go-grpc");
		protoc.run(List.of("--plugin=protoc-gen-go=" + go.resolve("tools/protoc-gen-go"),
				"--plugin=protoc-gen-go-grpc=" + go.resolve("tools/protoc-gen-go-grpc"), "--go_out=" + go,
				"--go_opt=module=stranger", "--go-grpc_out=" + go, "--go-grpc_opt=module=stranger"));
		run(go, "go", "build", "-mod=readonly", "-o", "target/", ".");
	}

	private static void run(Path folder, String... command) throws IOException, InterruptedException {
		Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
		process.getOutputStream().close();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as("exit status of %s, which printed %s", List.of(command), output).isZero();
	}

	@AfterAll
	static void close() throws IOException {
		if (classes != null) {
			classes.close();
		}
	}

	@BeforeEach
	void createFolder() throws IOException {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "goc");
	}

	@AfterEach
	void leavesNothing() throws IOException {
		assertThat(this.folder).isEmptyDirectory();
		Files.delete(this.folder);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenTheRequestHoldsAHelperThenItIsThereForTheCall(boolean autoMtls) throws Throwable {
		use("counter", autoMtls);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenThePluginIsSetUpThenThatComesFirstInEachProcess(boolean autoMtls) throws Throwable {
		use("backend", autoMtls);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenThePluginDemandsAnIdThenItGetsIt(boolean autoMtls) throws Throwable {
		use("agent", autoMtls);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenThePluginGetsTwelveObjectsThenItHasAllInEachProcess(boolean autoMtls) throws Throwable {
		use("oracle", autoMtls);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenThePluginHandsOverAnObjectThenTheHostCallsBack(boolean autoMtls) throws Throwable {
		use("loader", autoMtls);
	}

	private void use(String plugin, boolean autoMtls) throws Throwable {
		try {
			Class.forName("example.Use", true, classes)
				.getMethod(plugin, Path.class, String.class, boolean.class)
				.invoke(null, this.folder, work.resolve("go/target/stranger").toString(), autoMtls);
		}
		catch (InvocationTargetException ex) {
			throw ex.getCause();
		}
	}

}
