package dev.pluggable.sample.docs;

import dev.pluggable.ComponentImplementation;
import dev.pluggable.hello.Hello;
import dev.pluggable.hello.HelloKind;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class GreeterConfiguration {

	@Bean
	static ComponentImplementation<Hello> greeter() {
		return new ComponentImplementation<>(HelloKind.INSTANCE, "greeter",
				(name, metadata) -> (person) -> metadata.getOrDefault("hello", "Hello") + ", " + person);
	}

}
