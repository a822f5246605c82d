package dev.pluggable.sample.h2;

import java.io.PrintStream;

import dev.pluggable.server.ComponentServer;
import dev.pluggable.server.ComponentServerException;
import dev.pluggable.state.StateStoreKind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program: serves durable state stores on a Unix domain socket until it is told to
 * end.
 *
 * @since 0.1.0
 */
public final class H2Component {

	private static final Logger logger = LoggerFactory.getLogger(H2Component.class);

	private static final int FAILED = 1;

	private static final int WRONG_USAGE = 2;

	private static final int INPUT_OUTPUT_ERROR = 74;

	private H2Component() {
	}

	/**
	 * Run the program.
	 * @param args see {@code --help}
	 * @throws InterruptedException if the main thread is interrupted
	 */
	public static void main(String[] args) throws InterruptedException {
		Options options = parse(args);
		if (options == null) {
			System.exit(WRONG_USAGE);
		}
		else if (options.help()) {
			System.out.println(Options.HELP);
		}
		else {
			serve(options);
		}
	}

	private static @Nullable Options parse(String[] args) {
		try {
			return Options.parse(args, System::getenv);
		}
		catch (IllegalArgumentException ex) {
			PrintStream err = System.err;
			err.println(ex.getMessage());
			err.println("Try --help.");
			return null;
		}
	}

	private static void serve(Options options) throws InterruptedException {
		H2StateStores stores = new H2StateStores(options.data(), H2Component::endAfter);
		ComponentServer server;
		try {
			server = ComponentServer.inFolder(options.folder(), options.name())
				.serve(StateStoreKind.INSTANCE, stores)
				.maxInboundMessageSize(options.maxMessageBytes())
				.closeOnExit()
				.start();
		}
		catch (ComponentServerException | IllegalArgumentException ex) {
			logger.error("Cannot start: {}", ex.getMessage());
			System.exit(FAILED);
			return;
		}
		server.awaitTermination();
	}

	/**
	 * When a write or a force has failed, nobody knows what is on the disk; what is there
	 * will be found when the file is opened again, and only then. So the process ends,
	 * and whoever supervises it starts another one. It does so on a thread of its own
	 * because the shutdown waits for the thread that reports.
	 */
	private static void endAfter(Throwable failure) {
		logger.error("Ending, since data could not be written: {}", failure.toString());
		new Thread(() -> System.exit(INPUT_OUTPUT_ERROR), "end").start();
	}

}
