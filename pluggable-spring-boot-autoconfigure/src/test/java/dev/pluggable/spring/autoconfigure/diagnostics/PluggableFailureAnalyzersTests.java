package dev.pluggable.spring.autoconfigure.diagnostics;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.pluggable.ComponentInitializationException;
import dev.pluggable.bindings.InputBinding;
import dev.pluggable.fixtures.UncalledKind;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.spring.autoconfigure.bindings.PluggableBindingsAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableProperties;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import dev.pluggable.transport.TransportType;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for the failure analyzers, each with an application that fails to start.
 */
@ExtendWith(OutputCaptureExtension.class)
class PluggableFailureAnalyzersTests {

	@TempDir
	private Path folder;

	private void fail(Class<?> application, String... properties) {
		List<String> arguments = new ArrayList<>(
				List.of("--spring.main.banner-mode=off", "--pluggable.socket-folders=" + this.folder));
		arguments.addAll(Arrays.asList(properties));
		assertThatException().isThrownBy(() -> new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.run(arguments.toArray(String[]::new))
			.close());
	}

	private void bind(String name) throws Exception {
		try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			channel.bind(UnixDomainSocketAddress.of(this.folder.resolve(name)));
		}
	}

	@Test
	void componentThatIsNotThereYet(CapturedOutput output) throws Exception {
		bind("redis.sock");
		Files.createFile(this.folder.resolve("junk.sock"));
		fail(NeedsOrders.class);
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("required a " + StateStore.class.getName() + " with the qualifier 'orders'")
			.contains("- in-memory (state.in-memory)")
			.contains("- redis.sock")
			.contains("- junk.sock: not a socket")
			.contains("\tpluggable.components.orders.type=state.<implementation>")
			.contains("such as 'redis' for 'redis.sock'")
			.contains("built-in implementation: [in-memory]");
	}

	@Test
	void componentWhoseSocketIsOfNoUse(CapturedOutput output) throws Exception {
		bind("orders.sock");
		fail(NeedsOrders.class);
		assertThat(output).contains("orders.sock has this name, but: nobody listens")
			.contains("\tpluggable.components.orders.type=state.orders");
	}

	@Test
	void componentOfAKindWithoutAny(CapturedOutput output) {
		fail(NeedsClock.class);
		assertThat(output).contains("required a " + Clock.class.getName() + ", and no such component exists yet")
			.contains("Components of the kind 'clock' now: none")
			.contains("\tpluggable.components.<name>.type=clock.<implementation>")
			.doesNotContain("built-in implementation");
	}

	@Test
	void componentOfAKindThatSharesItsPrefix(CapturedOutput output) {
		fail(NeedsEvents.class);
		assertThat(output).contains("required a " + InputBinding.class.getName() + " with the qualifier 'mail'")
			.contains("Components of the kind 'input-bindings' now: none")
			.contains("\tpluggable.components.mail.type=bindings.<implementation>")
			.contains("built-in implementation: [cron]");
	}

	@Test
	void componentThatIsDeclaredToBeOfAnotherKindOnly(CapturedOutput output) {
		fail(NeedsEvents.class, "--pluggable.components.mail.type=bindings.box",
				"--pluggable.components.mail.metadata.direction=output");
		assertThat(output).contains("required a " + InputBinding.class.getName() + " with the qualifier 'mail'")
			.contains("The component 'mail' of the type 'bindings.box' is declared, but has only the kind "
					+ "'output-bindings'.")
			.contains("Inject OutputBinding instead")
			.contains("the process behind the socket 'box' offers [dapr.proto.components.v1.InputBinding]")
			.contains("'direction'")
			.doesNotContain("Declare the component");
	}

	@Test
	void directionThatIsNone(CapturedOutput output) {
		fail(NeedsEvents.class, "--pluggable.components.mail.type=bindings.box",
				"--pluggable.components.mail.metadata.direction=s3cret");
		assertThat(output).contains("Component 'mail': the metadata 'direction' must be 'input', 'output'")
			.contains("'pluggable.components.mail.type' (originating from")
			.doesNotContain("=s3cret");
	}

	@Test
	void directionThatABuiltInTypeDoesNotHave(CapturedOutput output) {
		fail(NeedsEvents.class, "--pluggable.components.mail.type=bindings.cron",
				"--pluggable.components.mail.metadata.direction=output");
		assertThat(output).contains("Component 'mail': there is nothing of the type 'bindings.cron'")
			.contains("'direction'");
	}

	@Test
	void requiredComponentsOfOneDeclaration(CapturedOutput output) {
		fail(Plain.class, "--pluggable.components.mail.type=bindings.box", "--pluggable.components.mail.required=true",
				"--pluggable.startup-timeout=10ms");
		assertThat(output).contains("mail.input-bindings (").contains("mail.output-bindings (");
		assertThat(output.getOut().split("start the process that serves 'mail'", -1)).hasSize(2);
		assertThat(output.getOut().split("'pluggable.components.mail.type' \\(originating", -1)).hasSize(2);
	}

	@Test
	void otherMissingBeansAreLeftToBoot(CapturedOutput output) {
		fail(NeedsSomethingElse.class);
		assertThat(output).contains("required a bean of type 'java.lang.Runnable' that could not be found");
	}

	@Test
	void analysisMakesNoSecondHost(CapturedOutput output) {
		fail(NeedsOrders.class);
		assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
			.noneMatch((name) -> name.startsWith("pluggable-host"));
	}

	@Test
	void unknownKind(CapturedOutput output) {
		fail(Application.class, "--pluggable.components.orders.type=stat.redis");
		assertThat(output).contains("there is no kind 'stat'")
			.contains("declared by 'pluggable.components.orders.type' (originating from ")
			.contains("where the kind is one of");
	}

	@Test
	void secretStoresThatWaitForEachOther(CapturedOutput output) {
		fail(Application.class, "--pluggable.components.a.type=secretstores.x",
				"--pluggable.components.a.metadata-from.pin.secret-store=b",
				"--pluggable.components.a.metadata-from.pin.key=k", "--pluggable.components.b.type=secretstores.y",
				"--pluggable.components.b.metadata-from.pin.secret-store=a",
				"--pluggable.components.b.metadata-from.pin.key=k");
		assertThat(output).contains("secret stores wait for secrets of each other: a -> b -> a.")
			.contains("declared by 'pluggable.components.a.type' (originating from ")
			.contains("Take the secrets of one of them from a store that waits for none of the others");
	}

	@Test
	void reservedName(CapturedOutput output) {
		fail(Application.class, "--pluggable.components.discovery.type=state.redis");
		assertThat(output).contains("Component 'discovery'").contains("do not use 'discovery'");
	}

	@Test
	void transportThatDoesNotWorkHere(CapturedOutput output) {
		fail(Application.class, "--pluggable.transport.type=kqueue");
		assertThat(output).contains("Transport 'kqueue' is not available")
			.contains("'pluggable.transport.type' (originating from ")
			.contains("\tpluggable.transport.type=auto");
	}

	@Test
	void transportWithoutItsNativePart() {
		String platform = TransportUnavailableFailureAnalyzer.platform("Linux", "aarch64");
		assertThat(TransportUnavailableFailureAnalyzer.artifact(TransportType.EPOLL, platform))
			.isEqualTo("io.netty:netty-transport-native-epoll with the classifier 'linux-aarch_64'");
		assertThat(TransportUnavailableFailureAnalyzer.artifact(TransportType.KQUEUE, platform)).isNull();
	}

	@Test
	void transportOfAnotherSystem() {
		String platform = TransportUnavailableFailureAnalyzer.platform("Mac OS X", "x86_64");
		assertThat(TransportUnavailableFailureAnalyzer.artifact(TransportType.EPOLL, platform)).isNull();
		assertThat(TransportUnavailableFailureAnalyzer.artifact(TransportType.KQUEUE, platform))
			.contains("'osx-x86_64'");
	}

	@Test
	void folderWithTooLongAPath(CapturedOutput output) {
		fail(Application.class, "--pluggable.socket-folders=/tmp/" + "x".repeat(110));
		assertThat(output).contains("at most 107 bytes")
			.contains("set by 'pluggable.socket-folders' (originating from ")
			.contains("\tpluggable.socket-folders=/run/components");
	}

	@Test
	void requiredComponentWithoutFolder(CapturedOutput output) {
		Path missing = this.folder.resolve("missing");
		fail(Application.class, "--pluggable.socket-folders=" + missing, "--pluggable.components.orders.type=state.h2",
				"--pluggable.components.orders.required=true", "--pluggable.startup-timeout=50ms");
		assertThat(output).contains("Required components are not ready")
			.contains("state.h2, expected on the socket 'h2.sock'")
			.contains("Socket folder " + missing + " does not exist.")
			.contains("- create " + missing)
			.contains("- start the process that serves 'orders'");
	}

	@Test
	void requiredComponentThatIsNoSocket(CapturedOutput output) throws Exception {
		Files.createFile(this.folder.resolve("h2.sock"));
		fail(Application.class, "--pluggable.components.orders.type=state.h2",
				"--pluggable.components.orders.required=true", "--pluggable.startup-timeout=50ms");
		assertThat(output).contains("- h2.sock: not a socket")
			.contains("- replace 'h2.sock' in " + this.folder + ", which is unusable: not a socket");
	}

	@Test
	void requiredComponentThatNobodyServes(CapturedOutput output) throws Exception {
		bind("h2.sock");
		fail(Application.class, "--pluggable.components.orders.type=state.h2",
				"--pluggable.components.orders.required=true", "--pluggable.startup-timeout=50ms");
		assertThat(output).contains("nobody listens on the socket")
			.contains("make sure that the process behind each socket is running");
	}

	@Test
	void requiredComponentInAFolderThatCannotBeRead(CapturedOutput output) throws Exception {
		Path file = Files.createFile(this.folder.resolve("file"));
		fail(Application.class, "--pluggable.socket-folders=" + file, "--pluggable.components.orders.type=state.h2",
				"--pluggable.components.orders.required=true", "--pluggable.startup-timeout=50ms");
		assertThat(output).contains("Socket folder " + file + " cannot be read: not a folder.")
			.contains("- allow the user of this application to read and enter " + file);
	}

	@Test
	void serverOnSomethingThatIsNoSocket(CapturedOutput output) throws Exception {
		Files.createFile(this.folder.resolve("file.sock"));
		fail(ServesOnAFile.class);
		assertThat(output).contains("Move the file at " + this.folder.resolve("file.sock"));
	}

	@Test
	void builtInComponentThatCannotBeMade() {
		Throwable failure = new IllegalStateException(
				new ComponentInitializationException("Component 'a' of type 'b.c' cannot be made: no", null));
		assertThat(new ComponentInitializationFailureAnalyzer().analyze(failure)).satisfies((analysis) -> {
			assertThat(analysis.getDescription()).isEqualTo("Component 'a' of type 'b.c' cannot be made: no.");
			assertThat(analysis.getAction()).contains("pluggable.components.<name>.metadata");
		});
	}

	@Test
	void requiredPluginThatEnds(CapturedOutput output) {
		fail(Application.class, "--pluggable.plugins.relayer.command[0]=sh",
				"--pluggable.plugins.relayer.command[1]=-c",
				"--pluggable.plugins.relayer.command[2]=echo '[ERROR] no TOKEN is set' >&2; : s3cret; exit 3",
				"--pluggable.plugins.relayer.required=true", "--pluggable.plugins.relayer.restart.policy=never");
		String analysis = analysis(output);
		assertThat(analysis).contains("Required plugins are not ready:")
			.contains("- 'relayer' is FAILED: ")
			.contains("'pluggable.plugins.relayer.command' (originating from ")
			.contains("Last output of the process of 'relayer':")
			.contains("- [ERROR] no TOKEN is set")
			.contains("'pluggable.plugins.relayer.environment.inherit'")
			.contains("'pluggable.plugins.relayer.required=false'")
			.doesNotContain("s3cret");
	}

	@Test
	void requiredPluginThatIsSlow(CapturedOutput output) {
		fail(Application.class, "--pluggable.plugins.relayer.command=sleep,1000",
				"--pluggable.plugins.relayer.required=true", "--pluggable.plugins.relayer.start-timeout=200ms",
				"--pluggable.plugins.relayer.restart.policy=never");
		assertThat(analysis(output)).contains("- 'relayer' is ")
			.contains("Last output of the process of 'relayer': nothing")
			.contains("start-timeout");
	}

	@Test
	void requiredPluginWithoutAProgram(CapturedOutput output) {
		fail(Application.class, "--pluggable.plugins.relayer.command=/no/such/program",
				"--pluggable.plugins.relayer.required=true", "--pluggable.plugins.relayer.restart.policy=never");
		assertThat(analysis(output)).contains("there is no file '/no/such/program'");
	}

	@Test
	void commandInOneLine(CapturedOutput output) {
		fail(Application.class, "--pluggable.plugins.relayer.command=/no/such/program --token=s3cret");
		assertThat(analysis(output)).contains("'pluggable.plugins.relayer.command' is one text with spaces")
			.contains("Write a list")
			.doesNotContain("s3cret");
	}

	@Test
	void pluginWithoutACommand(CapturedOutput output) {
		fail(Application.class, "--pluggable.plugins.relayer.required=true");
		assertThat(analysis(output)).contains("'pluggable.plugins.relayer.command'")
			.contains("a list of the program and its arguments");
	}

	@Test
	void componentOfAPluginThatIsNotReady(CapturedOutput output) {
		fail(NeedsOrders.class, "--pluggable.plugins.orders.command=sleep,1000",
				"--pluggable.discovery.initial-wait=50ms");
		assertThat(analysis(output))
			.contains("The plugin 'orders' has this name, but: the plugin was not ready in time.")
			.contains("\tpluggable.components.orders.type=state.orders")
			.contains("\tpluggable.plugins.orders.required=true");
	}

	@Test
	void pluginsThatCannotBeLaunched() {
		assertThat(new PluginFailureAnalyzer().analyze(new IllegalStateException(new PluginException("no folder"))))
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription()).isEqualTo("no folder.");
				assertThat(analysis.getAction()).contains("'pluggable.plugin-directory'");
			});
	}

	private static String analysis(CapturedOutput output) {
		return output.getAll().substring(output.getAll().indexOf("APPLICATION FAILED TO START"));
	}

	@Test
	void allAnalyzersAreRegistered() {
		assertThat(SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class,
					ArgumentResolver.of(BeanFactory.class, new DefaultListableBeanFactory())
						.and(Environment.class, new StandardEnvironment()),
					FailureHandler.logging(LogFactory.getLog(getClass()))))
			.extracting(Object::getClass)
			.extracting(Class::getSimpleName)
			.contains("ComponentInitializationFailureAnalyzer", "ComponentServerFailureAnalyzer",
					"InvalidDeclarationFailureAnalyzer", "InvalidSocketFolderFailureAnalyzer",
					"MissingComponentFailureAnalyzer", "PluginFailureAnalyzer",
					"RequiredComponentsUnavailableFailureAnalyzer", "RequiredPluginsUnavailableFailureAnalyzer",
					"TransportUnavailableFailureAnalyzer");
	}

	@Test
	void namesThatNeedBrackets() {
		assertThat(PropertyOrigins.component("orders-1", "type")).isEqualTo("pluggable.components.orders-1.type");
		assertThat(PropertyOrigins.component("My.Orders", "type")).isEqualTo("pluggable.components[My.Orders].type");
		assertThat(PropertyOrigins.plugin("My.Plugin", "command")).isEqualTo("pluggable.plugins[My.Plugin].command");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggableDiagnosticsAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class NeedsOrders extends Application {

		@Bean
		String needsOrders(@Qualifier("orders") StateStore store) {
			return store.toString();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NeedsClock extends Application {

		@Bean
		static ClockKind clockKind() {
			return new ClockKind();
		}

		@Bean
		String needsClock(Clock clock) {
			return clock.toString();
		}

	}

	interface Clock {

	}

	/**
	 * A kind without components.
	 */
	static final class ClockKind implements UncalledKind<Clock> {

		@Override
		public String name() {
			return "clock";
		}

		@Override
		public Class<Clock> type() {
			return Clock.class;
		}

		@Override
		public List<String> services() {
			return List.of("test.Clock");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NeedsSomethingElse extends Application {

		@Bean
		String needsSomethingElse(Runnable runnable) {
			return runnable.toString();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ServesOnAFile extends Application {

		@Bean
		ComponentServer server(PluggableProperties properties) {
			return ComponentServer.builder(Path.of(properties.socketFolders().get(0)).resolve("file.sock"))
				.serve(StateStoreKind.INSTANCE, (name, metadata) -> new InMemoryStateStore())
				.start();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggableBindingsAutoConfiguration.class,
			PluggableDiagnosticsAutoConfiguration.class })
	static class NeedsEvents {

		@Bean
		String events(@Qualifier("mail") InputBinding binding) {
			return binding.toString();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, PluggableDiagnosticsAutoConfiguration.class })
	static class Plain {

	}

}
