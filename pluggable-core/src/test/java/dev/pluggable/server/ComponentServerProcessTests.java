package dev.pluggable.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.pluggable.fixtures.JavaCommand;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ComponentServer} in a separate process.
 */
@Timeout(120)
class ComponentServerProcessTests {

	private final Path folder;

	ComponentServerProcessTests(@TempDir Path folder) {
		this.folder = folder;
	}

	@Test
	void whenTerminatedThenClosesAndWhenKilledThenItsSocketIsReplaced() throws Exception {
		Path socket = this.folder.resolve("main.sock");
		Process killed = start();
		try {
			say(socket);
			killed.destroyForcibly();
			assertThat(killed.waitFor(30, TimeUnit.SECONDS)).isTrue();
			assertThat(socket).exists();
			Process terminated = start();
			try {
				say(socket);
				terminated.destroy();
				assertThat(terminated.waitFor(30, TimeUnit.SECONDS)).isTrue();
				assertThat(terminated.exitValue()).isEqualTo(143);
				assertThat(this.folder.resolve("closed")).exists();
				assertThat(socket).doesNotExist();
			}
			finally {
				terminated.destroyForcibly();
			}
		}
		finally {
			killed.destroyForcibly();
		}
	}

	private Process start() throws IOException {
		Path started = this.folder.resolve("started");
		Files.deleteIfExists(started);
		Process process = new ProcessBuilder(JavaCommand.of(Main.class, this.folder.toString())).inheritIO().start();
		Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> Files.exists(started) || !process.isAlive());
		return process;
	}

	private static void say(Path socket) {
		try (EchoClient client = new EchoClient(socket)) {
			client.init("", Map.of());
			assertThat(client.say("", "!")).isEqualTo("!");
		}
	}

	static final class Main {

		private Main() {
		}

		public static void main(String[] args) throws Exception {
			Path folder = Path.of(args[0]);
			ComponentServer server = ComponentServer.inFolder(folder, "main")
				.serve(EchoKind.INSTANCE, (name, metadata) -> new ComponentServerCloseTests.CloseableEcho() {

					@Override
					public void close() {
						try {
							Files.createFile(folder.resolve("closed"));
						}
						catch (IOException ex) {
							throw new IllegalStateException(ex);
						}
					}

				})
				.closeOnExit()
				.start();
			Files.createFile(folder.resolve("started"));
			server.awaitTermination();
		}

	}

}
