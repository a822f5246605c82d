package dev.pluggable.sample.greeter;

import dev.pluggable.sample.greeter.v1.Greeter;
import dev.pluggable.spring.contract.EnableContract;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Greets by a service in Python, whose Java side is generated from its {@code .proto}.
 */
@SpringBootApplication
@EnableContract(Greeter.class)
public class GreeterApplication {

	/**
	 * Start the application.
	 * @param arguments arguments of Spring Boot
	 */
	public static void main(String[] arguments) {
		SpringApplication.run(GreeterApplication.class, arguments);
	}

}
