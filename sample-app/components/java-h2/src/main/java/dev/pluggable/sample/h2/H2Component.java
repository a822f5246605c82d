package dev.pluggable.sample.h2;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.MapPropertySource;

/**
 * The program: serves durable state stores, and a binding that maintains them, on a Unix
 * domain socket until it is told to end. The program defines the two beans, and the
 * component starter serves them.
 *
 * @since 0.1.0
 */
@SpringBootApplication(proxyBeanMethods = false)
public class H2Component {

	private static final Logger logger = LoggerFactory.getLogger(H2Component.class);

	private static final int WRONG_USAGE = 2;

	private static final int INPUT_OUTPUT_ERROR = 74;

	/**
	 * Run the program.
	 * @param args see {@code --help}
	 */
	public static void main(String[] args) {
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

	private static void serve(Options options) {
		Map<String, Object> properties = Map.of("h2.data", options.data().toString(), "pluggable.server.folder",
				options.folder().toString(), "pluggable.server.name", options.name(),
				"pluggable.server.max-inbound-message-size", options.maxMessageBytes() + "B");
		new SpringApplicationBuilder(H2Component.class).web(WebApplicationType.NONE)
			.properties("spring.config.name=h2")
			.initializers((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("options", properties)))
			.run();
	}

	@Bean
	static H2StateStores stores(@Value("${h2.data}") Path data) {
		return new H2StateStores(data, H2Component::endAfter);
	}

	@Bean
	static H2Maintenance maintenance(H2StateStores stores) {
		return new H2Maintenance(stores);
	}

	/**
	 * End the process after a failed write. Nobody knows then what is on the disk until
	 * the file is opened again, so the supervisor of this process starts another one. The
	 * process ends on another thread because the shutdown waits for the thread that
	 * reports the failure.
	 */
	private static void endAfter(Throwable failure) {
		logger.error("The process ends because data could not be written: {}", failure.toString());
		new Thread(() -> System.exit(INPUT_OUTPUT_ERROR), "end").start();
	}

}
