package dev.pluggable.sample.host;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;

/**
 * The application: offers components of other processes over HTTP.
 *
 * @since 0.1.0
 */
@SpringBootApplication
public class SampleApplication {

	private static final String PORT_FILE = "PORTFILE";

	/**
	 * Run the application. If the environment variable {@value #PORT_FILE} names a file,
	 * the application writes its port to that file as soon as it accepts requests.
	 * @param args properties, such as {@code --server.port=9090}
	 */
	public static void main(String[] args) {
		SpringApplication application = new SpringApplication(SampleApplication.class);
		if (System.getenv(PORT_FILE) != null) {
			application.addListeners(new WebServerPortFileWriter());
		}
		application.run(args);
	}

}
