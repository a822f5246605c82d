package example;

import dev.pluggable.state.StateStore;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * Uses a component in another process.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
public class Application {

	public static void main(String[] arguments) {
		SpringApplication.run(Application.class, arguments);
	}

	@Bean
	Orders orderService(StateStore orders) {
		return new Orders(orders);
	}

	record Orders(StateStore store) {

	}

}
