package dev.pluggable.sample.host;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;

/**
 * The application: components of other processes over HTTP.
 *
 * @since 0.1.0
 */
@SpringBootApplication
public class SampleApplication {

	private static final String PORT_FILE = "PORTFILE";

	/**
	 * Run the application. If the environment has {@value #PORT_FILE}, the port is
	 * written to that file as soon as the application can be called.
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
