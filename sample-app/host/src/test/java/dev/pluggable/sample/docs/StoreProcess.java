package dev.pluggable.sample.docs;

import dev.pluggable.server.ComponentServer;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStoreKind;

public final class StoreProcess {

	private StoreProcess() {
	}

	public static void main(String[] arguments) throws InterruptedException {
		try (ComponentServer server = ComponentServer.inFolder(ComponentServer.defaultFolder(), "mine")
			.serve(StateStoreKind.INSTANCE, (name, metadata) -> new InMemoryStateStore())
			.closeOnExit()
			.start()) {
			server.awaitTermination();
		}
	}

}
