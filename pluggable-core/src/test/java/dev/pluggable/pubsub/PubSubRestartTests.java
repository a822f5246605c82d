package dev.pluggable.pubsub;

import java.nio.file.Path;

import dev.pluggable.fixtures.ComponentProcess;

/**
 * A durable component in Java is killed again and again.
 */
class PubSubRestartTests extends PubSubRestartBehaviour {

	@Override
	protected ComponentProcess start(Path folder) {
		return ComponentProcess.java(JournalPubSub.class, folder.resolve("bus.sock").toString(),
				folder.resolve("journal").toString());
	}

	@Override
	protected String type() {
		return "pubsub.bus";
	}

}
