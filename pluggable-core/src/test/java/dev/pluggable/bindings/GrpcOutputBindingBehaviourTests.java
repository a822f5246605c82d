package dev.pluggable.bindings;

import java.io.IOException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * A mailbox, called through the proxy, a connection and the service.
 */
class GrpcOutputBindingBehaviourTests extends OutputBindingBehaviour {

	private static ServedMailbox mailbox;

	@BeforeAll
	static void start() throws IOException {
		mailbox = new ServedMailbox();
	}

	@AfterAll
	static void stop() throws Exception {
		mailbox.close();
	}

	@Override
	protected OutputBinding output() {
		return mailbox.output();
	}

}
