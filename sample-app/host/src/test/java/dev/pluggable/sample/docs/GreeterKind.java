package dev.pluggable.sample.docs;

import dev.pluggable.ComponentKind;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class GreeterKind {

	@Bean
	static ComponentKind<Greeter> greeters() {
		return ComponentKind.of("greeters", Greeter.class, GreeterGrpc.SERVICE_NAME, GrpcGreeter::new);
	}

}
