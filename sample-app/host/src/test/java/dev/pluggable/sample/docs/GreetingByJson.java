package dev.pluggable.sample.docs;

import java.util.List;
import java.util.stream.Stream;

import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.pluggable.grpc.DynamicService;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

@Component
class GreetingByJson {

	private final DynamicService greeter;

	GreetingByJson(@Qualifier("greeter.pluggable.test.greeter.v1.Greeter") DynamicService greeter) {
		this.greeter = greeter;
	}

	List<String> methods() {
		return this.greeter.descriptor().getMethods().stream().map(MethodDescriptor::getName).toList();
	}

	String greet() {
		return this.greeter.json().unary("Greet", "{\"name\": \"Ada\"}");
	}

	List<String> greetTwice() {
		try (Stream<String> greetings = this.greeter.json().stream("GreetOften", "{\"name\": \"Ada\", \"times\": 2}")) {
			return greetings.toList();
		}
	}

}
