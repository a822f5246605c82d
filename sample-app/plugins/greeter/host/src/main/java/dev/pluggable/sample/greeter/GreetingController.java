package dev.pluggable.sample.greeter;

import java.util.List;
import java.util.stream.Stream;

import dev.pluggable.sample.greeter.v1.GreetReply;
import dev.pluggable.sample.greeter.v1.GreetRequest;
import dev.pluggable.sample.greeter.v1.Greeter;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

@RestController
class GreetingController {

	private final Greeter greeter;

	GreetingController(Greeter greeter) {
		this.greeter = greeter;
	}

	@GetMapping("/greetings/{name}")
	String greet(@PathVariable String name) {
		return this.greeter.greet(request(name)).getGreeting();
	}

	@GetMapping("/greetings/{name}/all")
	List<String> greetInAll(@PathVariable String name) {
		try (Stream<GreetReply> replies = this.greeter.greetInAll(request(name))) {
			return replies.map(GreetReply::getGreeting).toList();
		}
	}

	private static GreetRequest request(String name) {
		return GreetRequest.newBuilder().setName(name).build();
	}

}
