package dev.pluggable.sample.docs;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import io.grpc.StatusRuntimeException;

import org.springframework.stereotype.Service;

@Service
class Welcome {

	private final GreeterGrpc.GreeterBlockingStub greeter;

	Welcome(GreeterGrpc.GreeterBlockingStub greeter) {
		this.greeter = greeter;
	}

	String text(String name) {
		try {
			return this.greeter.greet(GreetRequest.newBuilder().setName(name).build()).getGreeting();
		}
		catch (StatusRuntimeException ex) {
			if (ex.getCause() instanceof ComponentUnavailableException) {
				return "Welcome";
			}
			throw ex;
		}
	}

}
