package dev.pluggable.spring.contract;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pluggable.ComponentKind;
import dev.pluggable.contract.CreatedObjects;
import dev.pluggable.fixtures.ContractPluginMain;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.fixtures.contract.v1.AddRequest;
import dev.pluggable.fixtures.contract.v1.Counter;
import dev.pluggable.fixtures.contract.v1.CounterKind;
import dev.pluggable.fixtures.contract.v1.Helper;
import dev.pluggable.fixtures.contract.v1.HelperKind;
import dev.pluggable.fixtures.contract.v1.Number;
import dev.pluggable.fixtures.contract.v1.RegisterReply;
import dev.pluggable.fixtures.contract.v1.RegisterRequest;
import dev.pluggable.fixtures.contract.v1.Registry;
import dev.pluggable.fixtures.contract.v1.SetupRequest;
import dev.pluggable.fixtures.contract.v1.Text;
import dev.pluggable.fixtures.contract.v1.Worker;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.plugin.PluggablePluginAutoConfiguration;
import dev.pluggable.spring.plugin.HostService;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests an application that enables a generated contract, with a launched plugin.
 */
class EnableContractProcessTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private Path folder;

	@BeforeEach
	void createFolder() throws Exception {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "ecp");
	}

	@AfterEach
	void leavesNothing() throws Exception {
		assertThat(this.folder).isEmptyDirectory();
		Files.delete(this.folder);
	}

	@Test
	void whenAContractIsEnabledThenItsComponentIsInjectedAndInitializedByABean() {
		String plugin = "pluggable.plugins.first.";
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PluggableAutoConfiguration.class, PluggablePluginAutoConfiguration.class))
			.withUserConfiguration(Application.class)
			.withPropertyValues("pluggable.socket-folders=" + this.folder.resolve("none"),
					"pluggable.plugin-directory=" + this.folder, "pluggable.defaults.call-timeout=30s",
					"pluggable.defaults.wait-for-ready=60s",
					plugin + "command=" + String.join(",", JavaCommand.of(ContractPluginMain.class)),
					plugin + "handshake.cookie-key=" + GoPluginMain.COOKIE_KEY,
					plugin + "handshake.cookie-value=" + GoPluginMain.COOKIE_VALUE,
					"pluggable.components.first.type=counter.first",
					"pluggable.components.first.metadata.greeting=hello")
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(CounterKind.class);
				Uses uses = context.getBean(Uses.class);
				assertThat(uses.counter.register(text("me")).getText()).isEqualTo("me, me of hello first does x 1 42");
				assertThat(uses.counter.add(AddRequest.newBuilder().setA(1).setB(2).build(), Helper.hostService())
					.getValue()).isEqualTo(1003);
				ComponentHost host = context.getBean(ComponentHost.class);
				assertThat(host.hostServices().names()).containsExactly("pluggable.test.contract.v1.Helper",
						"pluggable.test.contract.v1.Registry");
				GoPluginMain.kill(host.plugins().status("first").orElseThrow().pid());
				Awaitility.await()
					.atMost(PATIENCE)
					.ignoreExceptions()
					.untilAsserted(() -> assertThat(uses.counter.register(text("you")).getText())
						.isEqualTo("you, you of hello first does x 1 42"));
				assertThat(context.getBean(Registration.class).names).contains("setup of hello first", "me", "you");
			});
	}

	@Test
	void whenAnInterfaceIsNotGeneratedThenTheStartFails() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class))
			.withUserConfiguration(NotGenerated.class)
			.run((context) -> assertThat(context.getStartupFailure()).hasStackTraceContaining(
					"names dev.pluggable.contract.ContractObject, which is not a generated interface"));
	}

	@Test
	void whenAnnotationsAreRepeatedThenEachKindIsABeanOnce() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class))
			.withUserConfiguration(Several.class)
			.run((context) -> assertThat(context.getBeansOfType(ComponentKind.class).values())
				.extracting((kind) -> (Object) kind.getClass())
				.containsExactlyInAnyOrder(CounterKind.class, HelperKind.class));
	}

	private static Text text(String text) {
		return Text.newBuilder().setText(text).build();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableContract(Counter.class)
	static class Application {

		@Bean
		Uses uses(Counter counter) {
			return new Uses(counter);
		}

		@Bean
		Counter.Initializer initializer() {
			return (context) -> new Counter.Setup(SetupRequest.newBuilder()
				.setName(context.metadata().get("greeting") + " " + context.name())
				.build(), Registry.hostService());
		}

		@Bean
		@HostService
		Registration registration() {
			return new Registration();
		}

		@Bean
		@HostService
		Helper helper() {
			return (request) -> Number.newBuilder().setValue(request.getA() + request.getB() + 1000).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableContract(dev.pluggable.contract.ContractObject.class)
	static class NotGenerated {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableContract({ Counter.class, Helper.class })
	@EnableContract(Counter.class)
	static class Several {

	}

	/**
	 * Uses the injected component.
	 *
	 * @param counter the component
	 */
	record Uses(Counter counter) {
	}

	/**
	 * Calls back what plugins register.
	 */
	static class Registration implements Registry {

		private final List<String> names = new CopyOnWriteArrayList<>();

		@Override
		public CreatedObjects<RegisterReply> register(RegisterRequest request, @Nullable Worker worker) {
			this.names.add(request.getName());
			String answer = request.getName();
			if (worker != null) {
				answer += ", " + worker.work(text("x")).getText();
			}
			return CreatedObjects.of(RegisterReply.newBuilder().setAnswer(answer).build(),
					(Helper) (sum) -> Number.newBuilder().setValue(sum.getA() + sum.getB()).build());
		}

	}

}
