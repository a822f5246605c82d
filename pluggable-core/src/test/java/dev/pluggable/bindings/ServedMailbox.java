package dev.pluggable.bindings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.pluggable.server.ComponentServer;

/**
 * A mailbox on a real socket, and a host that has discovered it.
 */
final class ServedMailbox implements AutoCloseable {

	private final Path folder;

	private final BindingHost host;

	ServedMailbox() throws IOException {
		this.folder = Files.createTempDirectory("mail");
		this.host = new BindingHost(this.folder);
		Mailbox mailbox = new Mailbox();
		this.host.with(ComponentServer.inFolder(this.folder, "mail")
			.serve(OutputBindingKind.INSTANCE, (name, metadata) -> mailbox)
			.serve(InputBindingKind.INSTANCE, (name, metadata) -> mailbox)
			.start());
		this.host.start();
	}

	OutputBinding output() {
		return this.host.output("mail");
	}

	InputBinding input() {
		return this.host.input("mail");
	}

	@Override
	public void close() throws Exception {
		this.host.close();
		Files.deleteIfExists(this.folder);
	}

}
