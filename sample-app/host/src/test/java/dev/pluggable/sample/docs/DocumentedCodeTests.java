package dev.pluggable.sample.docs;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.pluggable.fixtures.FakeGreeter;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import dev.pluggable.hello.Hello;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs the code that the documentation shows.
 */
class DocumentedCodeTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	@TempDir
	Path folder;

	private ApplicationContextRunner runner(Class<?>... beans) {
		return new ApplicationContextRunner().withUserConfiguration(Application.class)
			.withUserConfiguration(beans)
			.withPropertyValues("pluggable.socket-folders=" + this.folder);
	}

	@Test
	void whenStoresAreListedThenTheDeclaredAndTheDiscoveredOneAreThere() {
		try (ComponentServer server = serve("found")) {
			assertThat(server.socket()).exists();
			runner(Stores.class).withPropertyValues("pluggable.components.orders.type=state.in-memory")
				.run((context) -> {
					Stores stores = context.getBean(Stores.class);
					Awaitility.await()
						.atMost(PATIENCE)
						.untilAsserted(() -> assertThat(stores.names()).containsExactlyInAnyOrder("orders", "found"));
					stores.store("found").set("k", new byte[] { 1 });
					assertThat(stores.store("found").get("k")).isPresent();
					assertThat(stores.store("orders").get("k")).isEmpty();
				});
		}
	}

	@Test
	void whenAProcessEndsThenTheAlarmHasTheReason() {
		ComponentServer server = serve("h2");
		runner(ComponentAlarm.class).withPropertyValues("pluggable.components.orders.type=state.h2").run((context) -> {
			StateStore store = context.getBean("orders", StateStore.class);
			Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> store.get("k").isEmpty());
			server.close();
			Awaitility.await()
				.atMost(PATIENCE)
				.untilAsserted(() -> assertThat(context.getBean(ComponentAlarm.class).alarms()).isNotEmpty()
					.allMatch((alarm) -> alarm.startsWith("orders: ")));
		});
	}

	private ComponentServer serve(String name) {
		return ComponentServer.inFolder(this.folder, name)
			.serve(StateStoreKind.INSTANCE, (component, metadata) -> new InMemoryStateStore())
			.start();
	}

	@Test
	void whenAnOrderIsPublishedThenTheListenerShipsIt() {
		BlockingQueue<String> shipped = new LinkedBlockingQueue<>();
		runner(Shipping.class).run((context) -> {
			context.getBean(PubSub.class).subscribe("shipped", (message) -> {
				shipped.add(new String(message.data(), StandardCharsets.UTF_8));
				return MessageOutcome.ACK;
			});
			context.getBean(Shipping.class).place(new Shipping.Order("o-1", 2));
			assertThat(shipped.poll(20, TimeUnit.SECONDS)).isEqualTo("o-1");
		});
	}

	@Test
	void whenTheScheduleIsDueThenTheReportIsWritten() {
		runner(NightlyReport.class)
			.withPropertyValues("pluggable.components.midnight.type=bindings.cron",
					"pluggable.components.midnight.metadata.schedule=@every 1s")
			.run((context) -> Awaitility.await()
				.atMost(PATIENCE)
				.until(() -> context.getBean(NightlyReport.class).reports() > 0));
	}

	@Test
	void whenArticlesAreAddedThenTheBasketHasThem() {
		runner(Baskets.class).run((context) -> {
			Baskets baskets = context.getBean(Baskets.class);
			baskets.add("c-1", "tea");
			baskets.add("c-1", "cup");
			assertThat(baskets.articles("c-1")).isEqualTo(List.of("tea", "cup"));
			assertThat(baskets.articles("c-2")).isEmpty();
		});
	}

	@Test
	void whenAnImplementationIsABeanThenItCanBeDeclared() {
		runner(GreeterConfiguration.class)
			.withPropertyValues("pluggable.components.polite.type=hello.greeter",
					"pluggable.components.polite.metadata.hello=Good morning")
			.run(DocumentedCodeTests::assertGreeting);
	}

	private static void assertGreeting(AssertableApplicationContext context) {
		assertThat(context.getBean("polite", Hello.class).sayHello("Ada")).isEqualTo("Good morning, Ada");
	}

	@Test
	void whenNobodyHasCodeOfTheGreeterThenItIsCalledWithJson() {
		try (FakeGreeter greeter = new FakeGreeter(this.folder.resolve("greeter.sock")).start()) {
			runner(GreetingByJson.class).withPropertyValues("pluggable.discovery.initial-wait=20s").run((context) -> {
				GreetingByJson greeting = context.getBean(GreetingByJson.class);
				assertThat(greeting.methods()).containsExactly("Greet", "GreetOften", "GreetAll", "GreetEach");
				assertThat(greeting.greet()).isEqualTo("{\"greeting\":\"Hello, Ada\"}");
				assertThat(greeting.greetTwice()).hasSize(2);
			});
		}
	}

	@Test
	void whenAStubIsImportedThenItCallsTheGreeter() {
		try (FakeGreeter greeter = new FakeGreeter(this.folder.resolve("greeter.sock")).start()) {
			runner(GreeterClients.class, Welcome.class)
				.withPropertyValues("pluggable.components.greeter.type=grpc.greeter",
						"pluggable.components.greeter.services=" + GreeterGrpc.SERVICE_NAME,
						"spring.grpc.client.channel.greeter.target=pluggable:greeter")
				.run((context) -> assertThat(context.getBean(Welcome.class).text("Ada")).isEqualTo("Hello, Ada"));
		}
	}

	@Test
	void whenTheGreeterIsAwayThenTheApplicationWelcomesByItself() {
		runner(GreeterClients.class, Welcome.class)
			.withPropertyValues("pluggable.components.greeter.type=grpc.greeter", "pluggable.defaults.outage-grace=0s",
					"spring.grpc.client.channel.greeter.target=pluggable:greeter")
			.run((context) -> assertThat(context.getBean(Welcome.class).text("Ada")).isEqualTo("Welcome"));
	}

	@Test
	void whenTheChannelIsInjectedThenAStubOnItCallsTheGreeter() {
		try (FakeGreeter greeter = new FakeGreeter(this.folder.resolve("greeter.sock")).start()) {
			runner(GreeterChannel.class).withPropertyValues("pluggable.components.greeter.type=grpc.greeter")
				.run((context) -> assertThat(context.getBean(GreeterGrpc.GreeterFutureStub.class)
					.greet(GreetRequest.newBuilder().setName("Ada").build())
					.get(20, TimeUnit.SECONDS)
					.getGreeting()).isEqualTo("Hello, Ada"));
		}
	}

	@Test
	void whenAnApplicationHasAKindOfGreetersThenItsComponentIsInjected() {
		try (FakeGreeter server = new FakeGreeter(this.folder.resolve("greeter.sock")).start()) {
			runner(GreeterKind.class).withPropertyValues("pluggable.components.reception.type=greeters.greeter")
				.run((context) -> {
					Greeter greeter = context.getBean("reception", Greeter.class);
					assertThat(greeter.greet("Ada")).isEqualTo("Hello, Ada");
					assertThat(greeter.greetLater("Bob").get(20, TimeUnit.SECONDS)).isEqualTo("Hello, Bob");
					List<String> greetings = new CopyOnWriteArrayList<>();
					greeter.greetOften("Cleo", 2, greetings::add).get(20, TimeUnit.SECONDS);
					assertThat(greetings).containsExactly("Hello, Cleo 0", "Hello, Cleo 1");
				});
		}
	}

	@Test
	void whenTheProcessRunsThenItsSocketIsThereUntilItEnds() throws Exception {
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				StoreProcess.class.getName());
		builder.environment().put("DAPR_COMPONENTS_SOCKETS_FOLDER", this.folder.toString());
		Process process = builder.redirectErrorStream(true).redirectOutput(this.folder.resolve("out").toFile()).start();
		try {
			Awaitility.await().atMost(PATIENCE).until(() -> Files.exists(this.folder.resolve("mine.sock")));
		}
		finally {
			process.destroy();
		}
		assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
		assertThat(this.folder.resolve("mine.sock")).doesNotExist();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
