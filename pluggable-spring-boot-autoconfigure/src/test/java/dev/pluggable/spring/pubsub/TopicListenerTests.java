package dev.pluggable.spring.pubsub;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;

import dev.pluggable.pubsub.Message;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.listener.InvalidListenerException;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.listener.ListenerStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.annotation.AliasFor;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.converter.AbstractMessageConverter;
import org.springframework.messaging.converter.MessageConverter;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Headers;
import org.springframework.util.MimeType;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;
import org.springframework.validation.annotation.Validated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link TopicListener}: the arguments of the methods and the outcomes of the
 * messages.
 */
@ExtendWith(OutputCaptureExtension.class)
class TopicListenerTests {

	private static final String ORDER = "{\"id\":\"o-1\",\"amount\":3}";

	private static final String EVENT = """
			{"specversion":"1.0","id":"e-1","source":"shop","type":"com.dapr.event.sent","time":"2026-01-02T03:04:05Z",
			"datacontenttype":"application/json","topic":"t","pubsubname":"bus","traceparent":"00-aa-bb-01",
			"priority":7,"data":{"id":"o-1","amount":3}}""";

	private final FakePubSub pubSub = new FakePubSub();

	private final BlockingQueue<Object> got = new LinkedBlockingQueue<>();

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class, JacksonAutoConfiguration.class,
					PropertyPlaceholderAutoConfiguration.class, PluggableListenerAutoConfiguration.class,
					PluggablePubSubAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=/tmp/pluggable-none")
			.withBean("bus", FakePubSub.class, () -> this.pubSub, (definition) -> definition.setPrimary(true));
	}

	private <T extends Listener> ApplicationContextRunner listening(Class<T> type, T listener) {
		listener.got = this.got;
		return runner().withBean("listener", type, () -> listener);
	}

	@Test
	void whenAPayloadIsJsonThenTheParameterIsAnObject() {
		listening(Pojo.class, new Pojo()).run((context) -> {
			assertThat(this.pubSub.send("t", ORDER, "application/json")).isEqualTo(MessageOutcome.ACK);
			assertThat(this.pubSub.send("t", ORDER, "application/vnd.order+json")).isEqualTo(MessageOutcome.ACK);
			assertThat(this.pubSub.send("t", ORDER)).isEqualTo(MessageOutcome.ACK);
			assertThat(this.pubSub.send("t", ORDER, "no media type")).isEqualTo(MessageOutcome.ACK);
			assertThat(this.got).hasSize(4).allMatch(new Order("o-1", 3)::equals);
		});
	}

	@Test
	void whenAParameterIsATextThenItIsThePayloadAsItIs() {
		listening(Text.class, new Text()).run((context) -> {
			for (String type : new String[] { "text/plain", "application/json", null }) {
				this.pubSub.send("t", ORDER, type);
				assertThat(this.got.poll()).isEqualTo(ORDER);
			}
			this.pubSub.send("t", "");
			assertThat(this.got.poll()).isEqualTo("");
		});
	}

	@Test
	void whenAParameterTakesAnythingThenTheContentTypeDecides() {
		listening(Anything.class, new Anything()).run((context) -> {
			this.pubSub.send("t", ORDER, "application/json");
			assertThat(this.got.poll()).isEqualTo(Map.of("id", "o-1", "amount", 3));
			this.pubSub.send("t", "[1,2]", "application/json");
			assertThat(this.got.poll()).isEqualTo(List.of(1, 2));
			this.pubSub.send("t", "5", "application/json");
			assertThat(this.got.poll()).isEqualTo(5);
			this.pubSub.send("t", "five", "text/csv");
			assertThat(this.got.poll()).isEqualTo("five");
			this.pubSub.send("t", "five", "image/png");
			assertThat(this.got.poll()).isEqualTo(bytes("five"));
			this.pubSub.send("t", "five");
			assertThat(this.got.poll()).isEqualTo(bytes("five"));
		});
	}

	@Test
	void whenAMethodTakesMoreThanThePayloadThenItGetsThat() {
		listening(Everything.class, new Everything()).run((context) -> {
			assertThat(this.pubSub.send("t", ORDER, "application/json",
					Map.of("tenant", "acme", "id", "mine", "contentType", "nonsense")))
				.isEqualTo(MessageOutcome.ACK);
			assertThat(this.got).containsExactly(
					new Message("id-1", "t", bytes(ORDER), "application/json",
							Map.of("tenant", "acme", "id", "mine", "contentType", "nonsense")),
					new Order("o-1", 3), "acme", "t", "id-1", MimeType.valueOf("application/json"), "mine", "nobody");
		});
	}

	@Test
	void whenAParameterIsAMessageThenItsPayloadIsConverted() {
		listening(Messages.class, new Messages()).run((context) -> {
			this.pubSub.send("order", ORDER, "application/json");
			assertThat(this.got.poll()).isEqualTo(new Order("o-1", 3));
			this.pubSub.send("list", "[" + ORDER + "]", "application/json");
			assertThat(this.got.poll()).isEqualTo(List.of(new Order("o-1", 3)));
			this.pubSub.send("text", "");
			assertThat(this.got.poll()).isEqualTo("");
			this.pubSub.send("any", ORDER, "application/json");
			assertThat(this.got.poll()).isEqualTo(Map.of("id", "o-1", "amount", 3));
			this.pubSub.send("any", "x", "text/plain");
			assertThat(this.got.poll()).isEqualTo("x");
		});
	}

	@Test
	void whenTheApplicationHasAConverterThenItComesFirst() {
		listening(Pojo.class, new Pojo()).withBean(MessageConverter.class, CsvConverter::new).run((context) -> {
			this.pubSub.send("t", "o-2,5", "text/csv");
			assertThat(this.got.poll()).isEqualTo(new Order("o-2", 5));
			this.pubSub.send("t", ORDER, "application/json");
			assertThat(this.got.poll()).isEqualTo(new Order("o-1", 3));
		});
	}

	@Test
	void whenAPayloadIsNotValidThenItIsDropped(CapturedOutput output) {
		listening(Valid.class, new Valid()).withBean(Validator.class, OrderValidator::new).run((context) -> {
			assertThat(this.pubSub.send("t", ORDER)).isEqualTo(MessageOutcome.ACK);
			assertThat(this.pubSub.send("t", "{\"id\":\"s3cret\",\"amount\":-1}")).isEqualTo(MessageOutcome.DROP);
			assertThat(this.got).hasSize(1);
			assertThat(this.pubSub.reason).isEqualTo("Valid.on: the payload is not valid: [amount (negative)]");
			assertThat(output).doesNotContain("s3cret");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"id\":{\"s3cret\":1}}", "s3cret", "{\"amount\":\"s3cret\"}", "null", "" })
	void whenAPayloadCannotBeConvertedThenItIsDroppedAndNothingTellsOfIt(String payload, CapturedOutput output) {
		listening(Pojo.class, new Pojo()).run((context) -> {
			assertThat(this.pubSub.send("t", payload, "application/json", Map.of("key", "t0ken")))
				.isEqualTo(MessageOutcome.DROP);
			assertThat(this.got).isEmpty();
			assertThat(this.pubSub.reason).startsWith("Pojo.on: the payload ")
				.doesNotContain("s3cret")
				.doesNotContain("t0ken");
			assertThat(output).doesNotContain("s3cret").doesNotContain("t0ken");
		});
	}

	@Test
	void whenAPayloadIsBrokenThenTheReasonSaysWhere() {
		listening(Pojo.class, new Pojo()).run((context) -> {
			this.pubSub.send("t", "{\"id\":\"a\",\n\"amount\":x}", "application/json");
			assertThat(this.pubSub.reason).contains("StreamReadException at line 2, column ");
		});
	}

	@Test
	void whenAHeaderIsMissingThenTheMessageIsDropped() {
		listening(Everything.class, new Everything()).run((context) -> {
			assertThat(this.pubSub.send("t", ORDER, "application/json")).isEqualTo(MessageOutcome.DROP);
			assertThat(this.pubSub.reason).contains("Missing header 'tenant'");
		});
	}

	@Test
	void whenAConverterFailsForAnotherReasonThenTheMessageIsTriedAgain() {
		MessageConverter broken = new AbstractMessageConverter() {

			@Override
			protected boolean supports(Class<?> type) {
				return type == Order.class;
			}

			@Override
			protected Object convertFromInternal(org.springframework.messaging.Message<?> message, Class<?> target,
					@Nullable Object hint) {
				throw new IllegalStateException("the schema registry is down");
			}

		};
		listening(Pojo.class, new Pojo()).withBean(MessageConverter.class, () -> broken)
			.run((context) -> assertThat(failure("t", ORDER)).hasMessage("the schema registry is down"));
	}

	@ParameterizedTest
	@CsvSource({ "ack,ACK", "retry,RETRY", "drop,DROP", "nothing,ACK" })
	void whenAMethodReturnsAnOutcomeThenItDecides(String payload, MessageOutcome outcome) {
		listening(Outcomes.class, new Outcomes()).run((context) -> {
			for (String topic : List.of("now", "later", "value")) {
				assertThat(this.pubSub.send(topic, payload)).as(topic)
					.isEqualTo(topic.equals("value") ? MessageOutcome.ACK : outcome);
			}
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "now", "later", "value" })
	void whenAMethodFailsThenTheMessageIsTriedAgainUnlessTheAnnotationDropsIt(String topic, CapturedOutput output) {
		listening(Outcomes.class, new Outcomes()).run((context) -> {
			assertThat(failure(topic, "fail")).isExactlyInstanceOf(IllegalStateException.class).hasMessage("s3cret");
			assertThat(this.pubSub.send(topic, "useless")).isEqualTo(MessageOutcome.DROP);
			assertThat(this.pubSub.reason).endsWith("the method threw java.lang.NumberFormatException");
			assertThat(output).doesNotContain("s3cret");
		});
	}

	@Test
	void whenTheTimeIsOverThenWhatTheMethodReturnedIsCancelled() {
		Never listener = new Never();
		listening(Never.class, listener).run((context) -> {
			CompletionStage<MessageOutcome> handling = this.pubSub.subscription("t").send("x", null, Map.of());
			handling.toCompletableFuture().cancel(true);
			assertThat(listener.result).isCancelled();
		});
	}

	@Test
	void whenAMessageIsACloudEventThenItsDataIsThePayloadAndItsAttributesAreHeaders() {
		listening(Events.class, new Events()).run((context) -> {
			for (String type : new String[] { null, "application/cloudevents+json", "application/json",
					"application/cloudevents+json; charset=UTF-8" }) {
				assertThat(this.pubSub.send("t", EVENT, type)).isEqualTo(MessageOutcome.ACK);
				assertThat(this.got.poll()).isEqualTo(new Order("o-1", 3));
				Map<?, ?> headers = (Map<?, ?>) this.got.poll();
				assertThat(headers.get("ce-id")).isEqualTo("e-1");
				assertThat(headers.get("ce-source")).isEqualTo("shop");
				assertThat(headers.get("ce-type")).isEqualTo("com.dapr.event.sent");
				assertThat(headers.get("ce-time")).isEqualTo("2026-01-02T03:04:05Z");
				assertThat(headers.get("ce-traceparent")).isEqualTo("00-aa-bb-01");
				assertThat(headers.get("ce-topic")).isEqualTo("t");
				assertThat(headers.get("ce-pubsubname")).isEqualTo("bus");
				assertThat(headers.get("ce-priority")).isEqualTo("7");
				assertThat(headers.get("ce-specversion")).isEqualTo("1.0");
				assertThat(headers.get(MessageHeaders.CONTENT_TYPE)).isEqualTo(MimeType.valueOf("application/json"));
				assertThat(headers.get("ce-data")).isNull();
			}
		});
	}

	@Test
	void whenRawPayloadsAreWantedThenACloudEventIsLeftAsItIs() {
		listening(Raw.class, new Raw()).run((context) -> {
			for (String topic : List.of("raw", "metadata")) {
				this.pubSub.send(topic, EVENT);
				assertThat(this.got.poll()).as(topic).isEqualTo(EVENT);
				assertThat(this.pubSub.subscription(topic).request.metadata()).containsEntry("rawPayload", "true");
			}
			this.pubSub.send("event", EVENT);
			assertThat(this.got.poll()).isEqualTo("{\"id\":\"o-1\",\"amount\":3}");
			this.pubSub.send("event", EVENT, null, Map.of("rawPayload", "true"));
			assertThat(this.got.poll()).isEqualTo(EVENT);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "specversion", "id", "source", "type" })
	void whenARequiredAttributeIsMissingThenItIsNoCloudEvent(String attribute) {
		listening(Raw.class, new Raw()).run((context) -> {
			String almost = EVENT.replace("\"" + attribute + "\":", "\"x" + attribute + "\":");
			this.pubSub.send("event", almost, "application/json");
			assertThat(this.got.poll()).isEqualTo(almost);
			assertThat(this.pubSub.send("event", almost, "application/cloudevents+json"))
				.isEqualTo(MessageOutcome.DROP);
		});
	}

	@Test
	void whenTheAnnotationSaysNothingElseThenTheDefaultsAreSubscribedWith() {
		listening(Pojo.class, new Pojo())
			.run((context) -> assertThat(this.pubSub.subscription("t").request).isEqualTo(SubscribeRequest.of("t")));
	}

	@Test
	void whenTheAnnotationHasAttributesThenTheyAreSubscribedWithAndPlaceholdersResolved() {
		listening(Attributes.class, new Attributes())
			.withPropertyValues("t=orders", "c=3", "a=5", "d=250ms", "h=2s", "g=PT4S", "dead=orders-dead", "m=x",
					"on=true", "name=mine", "bus-name=bus")
			.run((context) -> {
				assertThat(this.pubSub.subscription("orders").request)
					.isEqualTo(new SubscribeRequest("orders", Map.of("maxInFlight", "x", "k", "v=w"), 3,
							Duration.ofSeconds(2), 5, Duration.ofMillis(250), "orders-dead", Duration.ofSeconds(4)));
				assertThat(context.getBean(ListenerRegistry.class).find("mine").orElseThrow().state())
					.isEqualTo(ListenerStatus.State.LISTENING);
			});
	}

	@Test
	void whenAMethodHasSeveralAnnotationsOrAComposedOneThenItListensToEach() {
		listening(Several.class, new Several()).run((context) -> {
			assertThat(this.pubSub.subscriptions).extracting(FakePubSub.FakeSubscription::topic)
				.containsExactlyInAnyOrder("a", "b", "composed");
			assertThat(this.pubSub.subscription("composed").request.concurrency()).isEqualTo(1);
			assertThat(context.getBean(ListenerRegistry.class).listeners()).extracting(ListenerStatus::id)
				.containsExactly("listener.composed", "listener.on", "listener.on#2");
		});
	}

	@Test
	void whenABeanIsLazyThenItListensAllTheSame() {
		runner().withBean("lazy", LazyListener.class).run((context) -> {
			assertThat(this.pubSub.send("lazy", "x")).isEqualTo(MessageOutcome.ACK);
			assertThat(context.getBean(ListenerRegistry.class).find("lazy.on").orElseThrow().method())
				.isEqualTo("LazyListener.on");
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { EmptyTopic.class, NoNumber.class, NoTime.class, NoFlag.class, NoEntry.class,
			NoPlaceholder.class, NoConcurrency.class, OwnDeadLetter.class, PlainFuture.class, SameIds.class })
	void whenAnAttributeMakesNoSenseThenTheStartFails(Class<? extends Listener> type) {
		runner().withBean(type)
			.run((context) -> assertThat(context.getStartupFailure())
				.isInstanceOfSatisfying(InvalidListenerException.class, (ex) -> {
					assertThat(ex.getMessage()).startsWith("@TopicListener on " + type.getName() + ".on: ");
					assertThat(ex.getAction()).endsWith(".");
				}));
	}

	@Test
	void whenThereAreSeveralPubSubsAndNoneIsNamedThenTheStartFailsAndSaysSo() {
		runner().withBean("other", FakePubSub.class, FakePubSub::new, (definition) -> definition.setPrimary(true))
			.withBean(Pojo.class)
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(InvalidListenerException.class)
				.hasMessageContaining("there are several candidates"));
	}

	private Throwable failure(String topic, String payload) {
		return catchThrowableOfType(ExecutionException.class, () -> this.pubSub.send(topic, payload)).getCause();
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	record Order(String id, int amount) {
	}

	/**
	 * Records the received arguments.
	 */
	abstract static class Listener {

		BlockingQueue<Object> got = new LinkedBlockingQueue<>();

	}

	static class Pojo extends Listener {

		@TopicListener(topic = "t")
		void on(Order order) {
			this.got.add(order);
		}

	}

	static class Text extends Listener {

		@TopicListener(topic = "t")
		void on(String text) {
			this.got.add(text);
		}

	}

	static class Anything extends Listener {

		@TopicListener(topic = "t")
		void on(Object anything) {
			this.got.add(anything);
		}

	}

	static class Everything extends Listener {

		@TopicListener(topic = "t")
		void on(Message message, Order order, @Header("tenant") String tenant,
				@Header(PubSubHeaders.TOPIC) String topic, @Headers Map<String, Object> headers,
				@Header(PubSubHeaders.METADATA) Map<String, String> metadata,
				@Header(name = "who", defaultValue = "nobody") String who) {
			this.got.addAll(List.of(message, order, tenant, topic, headers.get(PubSubHeaders.MESSAGE_ID),
					headers.get(MessageHeaders.CONTENT_TYPE), metadata.get("id"), who));
		}

	}

	static class Messages extends Listener {

		@TopicListener(topic = "order")
		void order(org.springframework.messaging.Message<Order> message) {
			this.got.add(message.getPayload());
		}

		@TopicListener(topic = "list")
		void list(org.springframework.messaging.Message<List<Order>> message) {
			this.got.add(message.getPayload());
		}

		@TopicListener(topic = "text")
		void text(org.springframework.messaging.Message<String> message) {
			this.got.add(message.getPayload());
		}

		@TopicListener(topic = "any")
		void any(org.springframework.messaging.Message<?> message) {
			this.got.add(message.getPayload());
		}

	}

	static class Valid extends Listener {

		@TopicListener(topic = "t")
		void on(@Validated Order order) {
			this.got.add(order);
		}

	}

	static class Outcomes extends Listener {

		@TopicListener(topic = "now", dropOn = IllegalArgumentException.class)
		@Nullable MessageOutcome now(String text) {
			return outcome(text);
		}

		@TopicListener(topic = "later", dropOn = IllegalArgumentException.class)
		CompletionStage<MessageOutcome> later(String text) {
			return CompletableFuture.supplyAsync(() -> outcome(text));
		}

		@TopicListener(topic = "value", dropOn = IllegalArgumentException.class)
		Optional<MessageOutcome> value(String text) {
			return Optional.ofNullable(outcome(text));
		}

		private @Nullable MessageOutcome outcome(String text) {
			return switch (text) {
				case "ack" -> MessageOutcome.ACK;
				case "retry" -> MessageOutcome.RETRY;
				case "drop" -> MessageOutcome.DROP;
				case "fail" -> throw new IllegalStateException("s3cret");
				case "useless" -> throw new NumberFormatException("s3cret");
				default -> null;
			};
		}

	}

	static class Never extends Listener {

		final CompletableFuture<String> result = new CompletableFuture<>();

		@TopicListener(topic = "t")
		CompletableFuture<String> on(String text) {
			return this.result;
		}

	}

	static class Events extends Listener {

		@TopicListener(topic = "t")
		void on(Order order, @Headers Map<String, Object> headers) {
			this.got.add(order);
			this.got.add(headers);
		}

	}

	static class Raw extends Listener {

		@TopicListener(topic = "raw", rawPayload = true)
		@TopicListener(topic = "metadata", metadata = "rawPayload=true")
		@TopicListener(topic = "event")
		void on(String text) {
			this.got.add(text);
		}

	}

	static class Attributes extends Listener {

		@TopicListener(id = "${name}", pubsub = "${bus-name}", topic = "${t}", concurrency = "${c}", attempts = "${a}",
				retryDelay = "${d}", handlerTimeout = "${h}", grace = "${g}", deadLetterTopic = "${dead}",
				metadata = { "maxInFlight=${m}", "k=v=w" }, autoStartup = "${on}")
		void on(String text) {
		}

	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@TopicListener(topic = "", concurrency = "1")
	@interface InOrder {

		@AliasFor(annotation = TopicListener.class)
		String topic();

	}

	static class Several extends Listener {

		@TopicListener(topic = "a")
		@TopicListener(topic = "b")
		void on(String text) {
		}

		@InOrder(topic = "composed")
		void composed(String text) {
		}

	}

	@Lazy
	static class LazyListener extends Listener {

		@TopicListener(topic = "lazy")
		void on(String text) {
		}

	}

	static class EmptyTopic extends Listener {

		@TopicListener(topic = "${t:}")
		void on() {
		}

	}

	static class NoNumber extends Listener {

		@TopicListener(topic = "t", concurrency = "many")
		void on() {
		}

	}

	static class NoTime extends Listener {

		@TopicListener(topic = "t", handlerTimeout = "long")
		void on() {
		}

	}

	static class NoFlag extends Listener {

		@TopicListener(topic = "t", autoStartup = "yes")
		void on() {
		}

	}

	static class NoEntry extends Listener {

		@TopicListener(topic = "t", metadata = "x")
		void on() {
		}

	}

	static class NoPlaceholder extends Listener {

		@TopicListener(topic = "${nowhere}")
		void on() {
		}

	}

	static class NoConcurrency extends Listener {

		@TopicListener(topic = "t", concurrency = "0")
		void on() {
		}

	}

	static class OwnDeadLetter extends Listener {

		@TopicListener(topic = "t", deadLetterTopic = "t")
		void on() {
		}

	}

	static class PlainFuture extends Listener {

		@TopicListener(topic = "t")
		Future<String> on() {
			throw new AssertionError();
		}

	}

	static class SameIds extends Listener {

		@TopicListener(topic = "t", id = "x")
		@TopicListener(topic = "u", id = "x")
		void on() {
		}

	}

	/**
	 * Reads orders as CSV.
	 */
	static class CsvConverter extends AbstractMessageConverter {

		CsvConverter() {
			super(MimeType.valueOf("text/csv"));
			setStrictContentTypeMatch(true);
		}

		@Override
		protected boolean supports(Class<?> type) {
			return type == Order.class;
		}

		@Override
		protected Object convertFromInternal(org.springframework.messaging.Message<?> message, Class<?> target,
				@Nullable Object hint) {
			String[] parts = new String((byte[]) message.getPayload(), StandardCharsets.UTF_8).split(",");
			return new Order(parts[0], Integer.parseInt(parts[1]));
		}

	}

	/**
	 * Refuses amounts below zero.
	 */
	static class OrderValidator implements Validator {

		@Override
		public boolean supports(Class<?> type) {
			return type == Order.class;
		}

		@Override
		public void validate(Object target, Errors errors) {
			if (((Order) target).amount() < 0) {
				errors.reject("order.negative", "-1");
				errors.rejectValue("amount", "negative", "-1 is negative");
			}
		}

	}

}
