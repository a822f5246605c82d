package dev.pluggable.sample.docs;

import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import io.grpc.Channel;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class GreeterChannel {

	@Bean
	GreeterGrpc.GreeterFutureStub greeterStub(@Qualifier("greeter") Channel greeter) {
		return GreeterGrpc.newFutureStub(greeter);
	}

}
