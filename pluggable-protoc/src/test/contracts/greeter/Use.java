package example;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.pluggable.ComponentType;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.server.ComponentServer;
import example.greeter.GreetRequest;
import example.greeter.GreetResponse;
import example.greeter.Greeter;
import example.greeter.GreeterKind;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An application that serves and calls a greeter.
 */
public final class Use {

	private Use() {
	}

	/**
	 * Serve a greeter on a socket and call it.
	 * @param folder the folder of the socket
	 * @throws Exception if a call fails
	 */
	public static void run(Path folder) throws Exception {
		ComponentDeclaration declaration = new ComponentDeclaration("hello", ComponentType.of("greeter.demo"), true,
				Map.of(), new ComponentSettings(Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofSeconds(20),
						Duration.ofSeconds(2), 1 << 20));
		HostSettings settings = HostSettings.defaults()
			.withSocketFolders(Set.of(folder))
			.withDeclarations(List.of(declaration));
		GreeterKind kind = GreeterKind.INSTANCE;
		try (ComponentServer server = ComponentServer.inFolder(folder, "demo")
			.serveInstance(kind, new PoliteGreeter())
			.instance("hello", Map.of())
			.start();
				ComponentHost host = new ComponentHost(settings, List.of(kind), List.of(), (endpoint, builder) -> {
				})) {
			host.start();
			Greeter greeter = host.registry().find(kind, "hello").orElseThrow().instance();
			call(greeter);
			stream(greeter);
			assertThat(server.isReachable()).isTrue();
		}
	}

	private static void call(Greeter greeter) throws Exception {
		assertThat(greeter.greet(request("Ada")).getGreeting()).isEqualTo("Hello, Ada");
		assertThat(greeter.async().greet(request("Bob")).get(20, TimeUnit.SECONDS).getGreeting())
			.isEqualTo("Hello, Bob");
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> greeter.greet(request("")))
			.withMessageContaining("nobody");
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> new PoliteGreeter().async());
	}

	private static void stream(Greeter greeter) throws Exception {
		try (Stream<GreetResponse> answers = greeter.greetOften(request("Ada"))) {
			assertThat(answers.map(GreetResponse::getGreeting)).containsExactly("1 Ada", "2 Ada", "3 Ada");
		}
		Answers often = new Answers();
		greeter.async().greetOften(request("Bob"), often);
		assertThat(often.get()).containsExactly("1 Bob", "2 Bob", "3 Bob");
		Answers all = new Answers();
		StreamObserver<GreetRequest> requests = greeter.greetAll(all);
		requests.onNext(request("Ada"));
		requests.onNext(request("Bob"));
		requests.onCompleted();
		assertThat(all.get()).containsExactly("Hello, Ada and Bob");
		Answers each = new Answers();
		requests = greeter.async().greetEach(each);
		requests.onNext(request("Ada"));
		requests.onNext(request("Bob"));
		requests.onCompleted();
		assertThat(each.get()).containsExactly("Hello, Ada", "Hello, Bob");
	}

	private static GreetRequest request(String name) {
		return GreetRequest.newBuilder().setName(name).build();
	}

	private static GreetResponse response(String greeting) {
		return GreetResponse.newBuilder().setGreeting(greeting).build();
	}

	private static final class PoliteGreeter implements Greeter {

		@Override
		public GreetResponse greet(GreetRequest request) {
			if (request.getName().isEmpty()) {
				throw Status.INVALID_ARGUMENT.withDescription("nobody").asRuntimeException();
			}
			return response("Hello, " + request.getName());
		}

		@Override
		public Stream<GreetResponse> greetOften(GreetRequest request) {
			return Stream.of(1, 2, 3).map((number) -> response(number + " " + request.getName()));
		}

		@Override
		public StreamObserver<GreetRequest> greetAll(StreamObserver<GreetResponse> answers) {
			List<String> names = new ArrayList<>();
			return new Requests(answers) {

				@Override
				public void onNext(GreetRequest request) {
					names.add(request.getName());
				}

				@Override
				public void onCompleted() {
					answers.onNext(response("Hello, " + String.join(" and ", names)));
					super.onCompleted();
				}

			};
		}

		@Override
		public StreamObserver<GreetRequest> greetEach(StreamObserver<GreetResponse> answers) {
			return new Requests(answers) {

				@Override
				public void onNext(GreetRequest request) {
					answers.onNext(greet(request));
				}

			};
		}

	}

	private abstract static class Requests implements StreamObserver<GreetRequest> {

		private final StreamObserver<GreetResponse> answers;

		private Requests(StreamObserver<GreetResponse> answers) {
			this.answers = answers;
		}

		@Override
		public void onError(Throwable failure) {
		}

		@Override
		public void onCompleted() {
			this.answers.onCompleted();
		}

	}

	private static final class Answers implements StreamObserver<GreetResponse> {

		private final List<String> answers = new ArrayList<>();

		private final CompletableFuture<List<String>> result = new CompletableFuture<>();

		@Override
		public void onNext(GreetResponse answer) {
			this.answers.add(answer.getGreeting());
		}

		@Override
		public void onError(Throwable failure) {
			this.result.completeExceptionally(failure);
		}

		@Override
		public void onCompleted() {
			this.result.complete(this.answers);
		}

		private List<String> get() throws Exception {
			return this.result.get(20, TimeUnit.SECONDS);
		}

	}

}
