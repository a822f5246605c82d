package dev.pluggable.spring.pubsub;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.UUID;

import dev.pluggable.pubsub.BulkPublishRequest;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PublishRequest;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.autoconfigure.pubsub.PluggablePubSubAutoConfiguration;
import dev.pluggable.spring.listener.FakeRegistry;
import dev.pluggable.spring.listener.InvalidPayloadException;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link PubSubTemplate} and {@link PubSubTemplates}.
 */
class PubSubTemplateTests {

	private final FakePubSub pubSub = new FakePubSub();

	private final FakeRegistry registry = new FakeRegistry();

	private ApplicationContextRunner runner() {
		this.registry.add("bus", "pubsub", PubSub.class, this.pubSub, true);
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class, JacksonAutoConfiguration.class,
					PluggableListenerAutoConfiguration.class, PluggablePubSubAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=/tmp/pluggable-none", "spring.application.name=shop")
			.withBean("registry", FakeRegistry.class, () -> this.registry, (bean) -> bean.setPrimary(true))
			.withBean("myBus", FakePubSub.class, () -> this.pubSub, (bean) -> bean.setPrimary(true));
	}

	@Test
	void whenAnObjectIsSentThenItBecomesJsonAndTextsAndBytesStayWhatTheyAre() {
		runner().run((context) -> {
			PubSubTemplate template = context.getBean(PubSubTemplate.class);
			template.convertAndSend("t", new Order("o-1", 3));
			template.convertAndSend("t", "text");
			template.convertAndSend("t", bytes("bytes"));
			template.convertAndSend("t", "{}", "application/json");
			template.convertAndSend("t", bytes("<a/>"), "application/xml");
			template.convertAndSend("t", new Order("o-1", 3), "application/vnd.order+json");
			template.convertAndSend("t", "é", "text/plain;charset=ISO-8859-1", Map.of("ttlInSeconds", "5"));
			template.convertAndSend("t", "m", Map.of("k", "v"));
			assertThat(this.pubSub.published).containsExactly(
					new PublishRequest("t", bytes("{\"id\":\"o-1\",\"amount\":3}"), "application/json", Map.of()),
					new PublishRequest("t", bytes("text"), "text/plain", Map.of()),
					new PublishRequest("t", bytes("bytes"), null, Map.of()),
					new PublishRequest("t", bytes("{}"), "application/json", Map.of()),
					new PublishRequest("t", bytes("<a/>"), "application/xml", Map.of()),
					new PublishRequest("t", bytes("{\"id\":\"o-1\",\"amount\":3}"), "application/vnd.order+json",
							Map.of()),
					new PublishRequest("t", new byte[] { (byte) 0xE9 }, "text/plain;charset=ISO-8859-1",
							Map.of("ttlInSeconds", "5")),
					new PublishRequest("t", bytes("m"), "text/plain", Map.of("k", "v")));
		});
	}

	@Test
	void whenAnObjectCannotBeSentThenThatIsSaidWithoutIt() {
		runner().run((context) -> {
			PubSubTemplate template = context.getBean(PubSubTemplate.class);
			assertThatExceptionOfType(InvalidPayloadException.class)
				.isThrownBy(() -> template.convertAndSend("t", new Broken()))
				.withMessageNotContaining("s3cret")
				.withNoCause();
			assertThatExceptionOfType(InvalidPayloadException.class)
				.isThrownBy(() -> template.convertAndSend("t", new Order("o-1", 3), "image/png"))
				.withMessageContaining("no converter turns a " + Order.class.getName() + " into image/png");
			assertThatIllegalArgumentException().isThrownBy(() -> template.convertAndSend("t", "x", "nonsense"))
				.withMessageContaining("'contentType'");
			assertThat(this.pubSub.published).isEmpty();
		});
	}

	@Test
	void whenSeveralObjectsAreSentThenTheirPositionsAreTheirIds() {
		runner().run((context) -> {
			PubSubTemplate template = context.getBean(PubSubTemplate.class);
			template.convertAndSendAll("t", List.of(new Order("o-1", 3), "x"));
			template.convertAndSendAll("t", List.of());
			assertThat(this.pubSub.bulks).containsExactly(BulkPublishRequest.of("t",
					List.of(BulkPublishRequest.Entry.of("0", bytes("{\"id\":\"o-1\",\"amount\":3}"))
						.withContentType("application/json"),
							BulkPublishRequest.Entry.of("1", bytes("x")).withContentType("text/plain"))));
		});
	}

	@Test
	void whenCloudEventsAreWantedThenTheEnvelopeIsThatOfDapr() {
		runner().run((context) -> {
			MDC.put("traceId", "4bf92f3577b34da6a3ce929d0e0e4736");
			MDC.put("spanId", "00f067aa0ba902b7");
			try {
				context.getBean(PubSubTemplate.class).withCloudEvents(true).convertAndSend("t", new Order("o-1", 3));
			}
			finally {
				MDC.clear();
			}
			PublishRequest request = this.pubSub.published.get(0);
			assertThat(request.contentType()).isEqualTo("application/cloudevents+json");
			JsonNode event = JsonMapper.shared().readTree(request.data());
			assertThat(event.propertyNames()).containsExactly("specversion", "id", "source", "type", "time", "topic",
					"pubsubname", "traceparent", "datacontenttype", "data");
			assertThat(event.get("specversion").stringValue()).isEqualTo("1.0");
			assertThat(UUID.fromString(event.get("id").stringValue())).isNotNull();
			assertThat(event.get("source").stringValue()).isEqualTo("shop");
			assertThat(event.get("type").stringValue()).isEqualTo("com.dapr.event.sent");
			assertThat(Instant.parse(event.get("time").stringValue())).isBeforeOrEqualTo(Instant.now());
			assertThat(event.get("topic").stringValue()).isEqualTo("t");
			assertThat(event.get("pubsubname").stringValue()).isEqualTo("bus");
			assertThat(event.get("traceparent").stringValue())
				.isEqualTo("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
			assertThat(event.get("datacontenttype").stringValue()).isEqualTo("application/json");
			assertThat(event.get("data").toString()).isEqualTo("{\"id\":\"o-1\",\"amount\":3}");
		});
	}

	@Test
	void whenCloudEventsHaveAnotherSourceAndTypeThenTheEnvelopeSaysSo() {
		runner().run((context) -> {
			PubSubTemplate template = context.getBean(PubSubTemplate.class)
				.withCloudEvents(true)
				.withSource("/orders")
				.withType("order.placed");
			template.convertAndSendAll("t", List.of("x"));
			JsonNode event = JsonMapper.shared().readTree(this.pubSub.bulks.get(0).entries().get(0).data());
			assertThat(event.get("source").stringValue()).isEqualTo("/orders");
			assertThat(event.get("type").stringValue()).isEqualTo("order.placed");
			assertThat(event.has("traceparent")).isFalse();
			assertThat(event.get("data").stringValue()).isEqualTo("x");
			template.convertAndSend("t", "{}", "application/cloudevents+json");
			template.withCloudEvents(false).convertAndSend("t", "raw");
			assertThat(this.pubSub.published)
				.extracting((request) -> new String(request.data(), StandardCharsets.UTF_8))
				.containsExactly("{}", "raw");
		});
	}

	@Test
	void whenThereAreSeveralPubSubsThenTemplatesAreMadeByName() {
		runner().withBean("second", FakePubSub.class, FakePubSub::new, (bean) -> bean.setPrimary(true))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThatExceptionOfType(NoUniqueBeanDefinitionException.class)
					.isThrownBy(() -> context.getBean(PubSub.class));
				PubSubTemplates templates = context.getBean(PubSubTemplates.class);
				assertThat(templates.forComponent("bus").pubSub()).isSameAs(this.pubSub);
				assertThat(templates.forComponent("second").pubSub()).isSameAs(context.getBean("second"));
				assertThat(templates.of(this.pubSub).pubSub()).isSameAs(this.pubSub);
				assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(() -> templates.forComponent("x"))
					.withMessage("There is no PubSub 'x'. The PubSub components are [bus]");
			});
	}

	@Test
	void whenJacksonIsMissingThenTextsAndBytesAreSent() {
		runner().withClassLoader(new FilteredClassLoader("tools.jackson")).run((context) -> {
			assertThat(context).hasNotFailed();
			PubSubTemplate template = context.getBean(PubSubTemplate.class);
			template.convertAndSend("t", "x");
			assertThat(this.pubSub.published).hasSize(1);
			assertThatIllegalStateException().isThrownBy(() -> template.withCloudEvents(true))
				.withMessageContaining("Jackson 3");
			assertThatExceptionOfType(InvalidPayloadException.class)
				.isThrownBy(() -> template.convertAndSend("t", new Order("o-1", 3)));
		});
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	record Order(String id, int amount) {
	}

	static class Broken {

		public String getSecret() {
			throw new IllegalStateException("s3cret");
		}

	}

}
