package dev.pluggable.spring.autoconfigure.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import dev.pluggable.fixtures.ComponentProcess;

/**
 * A process of another user that listens on a socket and prints how many bytes each
 * client sends. Only root can start the process.
 */
final class ForeignProcess {

	private static final String UID = "65534";

	private static final String PROGRAM = """
			import java.net.*;
			import java.nio.*;
			import java.nio.channels.*;

			class Foreign {

				public static void main(String[] arguments) throws Exception {
					ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
					server.bind(UnixDomainSocketAddress.of(arguments[0]));
					while (true) {
						try (SocketChannel peer = server.accept()) {
							System.out.println("received " + peer.read(ByteBuffer.allocate(100)));
						}
					}
				}

			}
			""";

	private ForeignProcess() {
	}

	/**
	 * Start a process. Afterwards, every user can add entries to the folder of the
	 * socket, which is sticky.
	 */
	static ComponentProcess listeningOn(Path socket) throws IOException {
		Path folder = socket.getParent();
		Files.setAttribute(folder, "unix:mode", 01777);
		Path program = Files.writeString(folder.resolve("Foreign.java"), PROGRAM);
		Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rw-r--r--"));
		return ComponentProcess.start(new ProcessBuilder("setpriv", "--reuid=" + UID, "--regid=" + UID,
				"--clear-groups", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				program.toString(), socket.toString())
			.directory(folder.toFile()));
	}

}
