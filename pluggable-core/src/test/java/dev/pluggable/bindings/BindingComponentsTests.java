package dev.pluggable.bindings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pluggable.Component;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.bindings.FakeBindingServer.BindingSide;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.InvalidDeclarationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for declarations that make two components.
 */
class BindingComponentsTests {

	@TempDir
	Path folder;

	private BindingHost bindings;

	@BeforeEach
	void prepare() {
		this.bindings = new BindingHost(this.folder);
	}

	@AfterEach
	void close() throws Exception {
		this.bindings.close();
	}

	private void declare(Map<String, String> metadata) {
		this.bindings.start(BindingHost.declaration("mail", "bindings.box", false, metadata));
	}

	@Test
	void whenDeclaredThenItIsOneOfEachKind() {
		FakeBindingServer server = this.bindings.server("box").serving(BindingSide.INPUT, BindingSide.OUTPUT).start();
		declare(Map.of("a", "b"));
		this.bindings.input("mail");
		assertThat(this.bindings.output("mail").operations()).containsExactlyInAnyOrder("create", "get");
		assertThat(this.bindings.ids()).containsExactlyInAnyOrder("mail.input-bindings", "mail.output-bindings");
		assertThat(server.inits).containsExactlyInAnyOrder("input:mail{a=b}", "output:mail{a=b}");
	}

	@ParameterizedTest
	@CsvSource({ "input,input-bindings", "' INPUT ',input-bindings", "output,output-bindings",
			"'Output,',output-bindings" })
	void whenDirectionNamesOneThenOnlyThatIsThere(String direction, String kind) {
		FakeBindingServer server = this.bindings.server("box").serving(BindingSide.INPUT, BindingSide.OUTPUT).start();
		declare(Map.of("Direction", direction));
		BindingHost.await()
			.until(() -> this.bindings.host()
				.registry()
				.components()
				.stream()
				.anyMatch((component) -> component.name().equals("mail")
						&& component.status().state() == ComponentState.READY));
		assertThat(this.bindings.ids()).containsExactly("mail." + kind);
		assertThat(server.inits).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "input,output", "Output, INPUT", "", " " })
	void whenDirectionNamesBothOrNoneThenBothAreThere(String direction) {
		this.bindings.server("box").serving(BindingSide.INPUT, BindingSide.OUTPUT).start();
		declare(Map.of("direction", direction));
		this.bindings.input("mail");
		this.bindings.output("mail");
	}

	@Test
	void whenDirectionIsUnknownThenItIsSaidAtOnceWithoutTheValue() {
		assertThatExceptionOfType(InvalidDeclarationException.class)
			.isThrownBy(() -> declare(Map.of("direction", "input,s3cret")))
			.withMessageContaining("Component 'mail'")
			.withMessageContaining("'direction'")
			.withMessageContaining("'input', 'output'")
			.withMessageNotContaining("s3cret");
	}

	@Test
	void whenADeclarationHasTheNameOfAPartOfAnotherThenItIsRefused() {
		assertThatExceptionOfType(InvalidDeclarationException.class)
			.isThrownBy(() -> this.bindings.start(
					BindingHost.declaration("mail.input-bindings", "state.x", false, Map.of()),
					BindingHost.declaration("mail", "bindings.box", false, Map.of())))
			.withMessageContaining("'mail.input-bindings'")
			.withMessageContaining("'mail'");
	}

	@Test
	void whenTheSocketOffersOneThenTheOtherLeaves() {
		List<ComponentEvent> events = new CopyOnWriteArrayList<>();
		declare(Map.of());
		this.bindings.host().registry().onEvent(events::add);
		Component<InputBinding> input = this.bindings.host()
			.registry()
			.find(InputBindingKind.INSTANCE, "mail")
			.orElseThrow();
		assertThat(this.bindings.ids()).hasSize(2);
		this.bindings.server("box").serving(BindingSide.OUTPUT).start();
		this.bindings.output("mail");
		BindingHost.await().until(() -> this.bindings.ids().equals(List.of("mail.output-bindings")));
		assertThat(input.status().state()).isEqualTo(ComponentState.GONE);
		assertThat(input.status().reason()).contains("does not offer input-bindings");
		BindingHost.await()
			.until(() -> events.stream()
				.anyMatch((event) -> event.change() == ComponentEvent.Change.REMOVED && event.component() == input));
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> input.instance().ping())
			.withMessageContaining("does not offer input-bindings");
	}

	@Test
	void whenTheNextProcessOffersItThenItIsBackAndReadsGoOn() throws Exception {
		declare(Map.of());
		Component<InputBinding> input = this.bindings.host()
			.registry()
			.find(InputBindingKind.INSTANCE, "mail")
			.orElseThrow();
		Reading reading = input.instance().read((event) -> event.data());
		FakeBindingServer first = this.bindings.server("box").serving(BindingSide.OUTPUT).start();
		BindingHost.await().until(() -> input.status().state() == ComponentState.GONE);
		first.close();
		FakeBindingServer second = this.bindings.server("box").serving(BindingSide.INPUT, BindingSide.OUTPUT).start();
		assertThat(this.bindings.ready(InputBindingKind.INSTANCE, "mail")).isSameAs(input);
		FakeBindingServer.EventStream stream = second.stream();
		stream.send("1", "x");
		assertThat(stream.answer().getResponseData().toStringUtf8()).isEqualTo("x");
		second.close();
		this.bindings.server("box").serving(BindingSide.INPUT).start();
		this.bindings.input("mail");
		BindingHost.await().until(() -> this.bindings.ids().equals(List.of("mail.input-bindings")));
		reading.close();
	}

	@Test
	void whenTheOldProcessLivesOnThenTheNewOneStillDecides() throws Exception {
		this.bindings.server("box").serving(BindingSide.INPUT, BindingSide.OUTPUT).start();
		declare(Map.of());
		this.bindings.input("mail");
		this.bindings.output("mail");
		Files.delete(this.folder.resolve("box.sock"));
		this.bindings.server("box").serving(BindingSide.OUTPUT).start();
		BindingHost.await().until(() -> this.bindings.ids().equals(List.of("mail.output-bindings")));
		assertThat(this.bindings.output("mail").invoke("get", new byte[] { 1 }).data()).containsExactly(1);
	}

	@Test
	void whenTheSocketOffersNeitherThenBothStayAndSayWhy() {
		this.bindings.with(new dev.pluggable.fixtures.FakeStateServer(this.folder.resolve("box.sock")).start());
		declare(Map.of());
		BindingHost.await()
			.until(() -> this.bindings.host()
				.registry()
				.components()
				.stream()
				.filter((component) -> component.name().equals("mail"))
				.filter((component) -> String.valueOf(component.status().reason()).contains("does not offer"))
				.count() == 2);
		assertThat(this.bindings.ids()).hasSize(2);
	}

	@Test
	void whenRequiredAndOneIsGoneThenTheOtherIsEnough() {
		ComponentHost host = this.bindings.start(BindingHost.declaration("mail", "bindings.box", true, Map.of()));
		assertThat(host.awaitRequired(Duration.ofMillis(1))).extracting(Component::id)
			.containsExactlyInAnyOrder("mail.input-bindings", "mail.output-bindings");
		this.bindings.server("box").serving(BindingSide.OUTPUT).start();
		assertThat(host.awaitRequired(Duration.ofSeconds(20))).isEmpty();
		assertThat(this.bindings.ids()).containsExactly("mail.output-bindings");
	}

	@Test
	void whenThereIsNoReflectionThenWhatIsNotImplementedLeaves() throws Exception {
		FakeBindingServer first = this.bindings.server("box").unreflected(BindingSide.INPUT).start();
		ComponentHost host = this.bindings.start(BindingHost.declaration("mail", "bindings.box", true, Map.of()));
		this.bindings.input("mail");
		assertThat(host.awaitRequired(Duration.ofSeconds(20))).isEmpty();
		assertThat(this.bindings.ids()).containsExactly("mail.input-bindings");
		first.close();
		this.bindings.server("box").unreflected(BindingSide.INPUT, BindingSide.OUTPUT).start();
		this.bindings.input("mail");
		this.bindings.output("mail");
	}

	@Test
	void whenNobodyDeclaresThenEachKindThatIsOfferedIsThere() {
		FakeBindingServer server = this.bindings.server("box").serving(BindingSide.INPUT, BindingSide.OUTPUT).start();
		this.bindings.start();
		this.bindings.input("box");
		this.bindings.output("box");
		assertThat(this.bindings.ids()).containsExactlyInAnyOrder("box.input-bindings", "box.output-bindings");
		assertThat(server.inits).containsExactlyInAnyOrder("input:box{}", "output:box{}");
	}

	@Test
	void whenPingFailsThenTheProbeSaysSo() {
		FakeBindingServer server = this.bindings.server("box").serving(BindingSide.INPUT, BindingSide.OUTPUT).start();
		server.pingStatus = () -> io.grpc.Status.INTERNAL.withDescription("no disk");
		this.bindings.start();
		assertThatExceptionOfType(dev.pluggable.ComponentException.class)
			.isThrownBy(() -> this.bindings.input("box").ping())
			.withMessageContaining("no disk");
		assertThatExceptionOfType(dev.pluggable.ComponentException.class)
			.isThrownBy(() -> this.bindings.output("box").ping())
			.withMessageContaining("no disk");
	}

}
