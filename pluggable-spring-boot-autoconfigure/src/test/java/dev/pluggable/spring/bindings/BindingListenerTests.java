package dev.pluggable.spring.bindings;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import dev.pluggable.bindings.BindingEvent;
import dev.pluggable.bindings.InputBinding;
import dev.pluggable.bindings.OutputBinding;
import dev.pluggable.bindings.ReadRequest;
import dev.pluggable.spring.autoconfigure.bindings.PluggableBindingListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.listener.FakeRegistry;
import dev.pluggable.spring.listener.InvalidListenerException;
import dev.pluggable.spring.listener.InvalidPayloadException;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.listener.ListenerStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.Mockito;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.messaging.handler.annotation.Header;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link BindingListener}.
 */
@ExtendWith(OutputCaptureExtension.class)
class BindingListenerTests {

	private final FakeInputBinding binding = new FakeInputBinding();

	private final FakeRegistry registry = new FakeRegistry();

	private ApplicationContextRunner runner(Class<?> listener) {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class,
					PluggableListenerAutoConfiguration.class, PluggableBindingListenerAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=/tmp/pluggable-none")
			.withBean("registry", FakeRegistry.class, () -> this.registry, (bean) -> bean.setPrimary(true))
			.withBean("listener", listener);
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", value = { "text,hello", "bytes,hello", "nothing,-", "later,hello", "number,5" })
	void whenAMethodReturnsSomethingThenThatIsTheAnswer(String what, @Nullable String answer) {
		this.registry.add("cron", "input-bindings", InputBinding.class, this.binding, true);
		runner(Answers.class).run((context) -> assertThat(answer(what)).isEqualTo(answer));
	}

	@Test
	void whenAMethodReturnsAnObjectThenTheAnswerIsJson() {
		this.registry.add("cron", "input-bindings", InputBinding.class, this.binding, true);
		runner(Answers.class).run((context) -> assertThat(answer("object")).isEqualTo("{\"id\":\"o-1\",\"amount\":3}"));
	}

	@Test
	void whenAMethodTakesAnEventThenItGetsAllOfIt() {
		this.registry.add("cron", "input-bindings", InputBinding.class, this.binding, true);
		runner(Takes.class).run((context) -> {
			Takes takes = context.getBean(Takes.class);
			this.binding.readings.get(0).send("{\"id\":\"o-1\",\"amount\":3}", "application/json");
			assertThat(takes.got).containsExactly(new BindingEvent("e-1", bytes("{\"id\":\"o-1\",\"amount\":3}"),
					"application/json", Map.of("path", "/a")), new Order("o-1", 3), "/a", "e-1", Map.of("path", "/a"));
			assertThat(this.binding.readings.get(0).request)
				.isEqualTo(new ReadRequest(2, Duration.ofSeconds(3), Duration.ofSeconds(4)));
		});
	}

	@Test
	void whenAMethodFailsThenTheComponentIsTold() {
		this.registry.add("cron", "input-bindings", InputBinding.class, this.binding, true);
		runner(Answers.class).run((context) -> {
			for (String what : List.of("fail", "fail later")) {
				assertThat(catchThrowableOfType(ExecutionException.class, () -> answer(what)).getCause())
					.isExactlyInstanceOf(IllegalStateException.class)
					.hasMessage("no");
			}
		});
	}

	@Test
	void whenDataCannotBeConvertedThenTheComponentIsToldWithoutIt(CapturedOutput output) {
		this.registry.add("cron", "input-bindings", InputBinding.class, this.binding, true);
		runner(Takes.class).run((context) -> {
			CompletableFuture<byte[]> answer = this.binding.readings.get(0)
				.send("{\"amount\":\"s3cret\"}", "application/json")
				.toCompletableFuture();
			assertThat(
					catchThrowableOfType(ExecutionException.class, () -> answer.get(20, TimeUnit.SECONDS)).getCause())
				.isInstanceOf(InvalidPayloadException.class)
				.hasMessageContaining("InvalidFormatException at line 1")
				.hasNoCause();
			assertThat(output).doesNotContain("s3cret");
		});
	}

	@Test
	void whenTheBindingDoesNotExistThenTheListenerBeginsWhenItComes(CapturedOutput output) {
		runner(Answers.class).run((context) -> {
			assertThat(output).contains("there is no InputBinding 'cron'",
					"'pluggable.components.cron.type=bindings.<implementation>'");
			this.registry.add("cron", "input-bindings", InputBinding.class, this.binding, false);
			assertThat(answer("text")).isEqualTo("hello");
			assertThat(context.getBean(ListenerRegistry.class).find("listener.on").orElseThrow())
				.satisfies((listener) -> {
					assertThat(listener.type()).isEqualTo(InputBinding.class);
					assertThat(listener.state()).isEqualTo(ListenerStatus.State.LISTENING);
					assertThat(listener.topic()).isNull();
				});
		});
		assertThat(this.binding.readings).singleElement()
			.satisfies((reading) -> assertThat(reading.drains).containsExactly(Duration.ofSeconds(10)));
	}

	@Test
	void whenTheBindingIsOnlyForOutputThenTheStartFails() {
		this.registry.add("cron", "output-bindings", OutputBinding.class, Mockito.mock(OutputBinding.class), true);
		runner(Answers.class)
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(InvalidListenerException.class)
				.hasMessageContaining("the component 'cron' is of the kind 'output-bindings'"));
	}

	private @Nullable String answer(String data) throws Exception {
		byte[] answer = this.binding.readings.get(0).send(data, null).toCompletableFuture().get(20, TimeUnit.SECONDS);
		return (answer != null) ? new String(answer, StandardCharsets.UTF_8) : null;
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	record Order(String id, int amount) {
	}

	static class Answers {

		@BindingListener("cron")
		@Nullable Object on(String what) {
			return switch (what) {
				case "text" -> "hello";
				case "bytes" -> bytes("hello");
				case "later" -> CompletableFuture.supplyAsync(() -> "hello");
				case "object" -> new Order("o-1", 3);
				case "number" -> 5;
				case "fail" -> throw new IllegalStateException("no");
				case "fail later" -> CompletableFuture.supplyAsync(() -> on("fail"));
				default -> null;
			};
		}

	}

	static class Takes {

		final List<Object> got = new CopyOnWriteArrayList<>();

		@BindingListener(value = "${binding:cron}", concurrency = "2", handlerTimeout = "3s", grace = "4s")
		CompletionStage<String> on(BindingEvent event, Order order, @Header("path") String path,
				@Header(BindingHeaders.EVENT_ID) String id,
				@Header(BindingHeaders.METADATA) Map<String, String> metadata) {
			this.got.addAll(List.of(event, order, path, id, metadata));
			return CompletableFuture.completedFuture("");
		}

	}

}
