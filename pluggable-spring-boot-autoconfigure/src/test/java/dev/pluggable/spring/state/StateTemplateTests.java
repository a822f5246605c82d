package dev.pluggable.spring.state;

import java.nio.charset.StandardCharsets;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.ComponentException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.state.PluggableStateAutoConfiguration;
import dev.pluggable.state.DeleteRequest;
import dev.pluggable.state.EtagMismatchException;
import dev.pluggable.state.GetRequest;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.ParameterizedTypeReference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link StateTemplate}.
 */
class StateTemplateTests {

	private final InMemoryStateStore store = new InMemoryStateStore();

	private final StateTemplate template = new StateTemplate(this.store, JsonMapper.shared());

	@Test
	void whenAnObjectIsSetThenItIsJsonAndCanBeRead() {
		this.template.set("k", new Order("o-1", 3));
		assertThat(this.template.get("k", Order.class)).contains(new Order("o-1", 3));
		StateItem item = this.store.get("k").orElseThrow();
		assertThat(item.text()).isEqualTo("{\"id\":\"o-1\",\"amount\":3}");
		assertThat(item.contentType()).isNull();
		assertThat(this.template.get("absent", Order.class)).isEmpty();
		this.template.delete("k");
		this.template.delete("k");
		assertThat(this.template.get("k", Order.class)).isEmpty();
	}

	@Test
	void whenAContentTypeIsAskedForThenItIsSent() {
		StateTemplate json = this.template.withContentType("application/json").withAttempts(2).over(this.store);
		json.set("k", 1);
		assertThat(this.store.get("k").orElseThrow().contentType()).isEqualTo("application/json");
		json.withContentType(null).setAll(Map.of("k", 1));
		assertThat(this.store.get("k").orElseThrow().contentType()).isNull();
	}

	@Test
	void whenNumbersAreLongThenTheyStay() {
		this.template.set("long", 9_007_199_254_740_993L);
		this.template.set("decimal", new BigDecimal("0.10"));
		assertThat(this.template.get("long", Long.class)).contains(9_007_199_254_740_993L);
		assertThat(this.template.get("decimal", BigDecimal.class)).contains(new BigDecimal("0.10"));
	}

	@Test
	void whenSeveralStoresAreDeclaredThenEachHasATemplateWithItsNameAsQualifier() {
		runner()
			.withPropertyValues("pluggable.components.orders.type=state.in-memory",
					"pluggable.components.order-items.type=state.in-memory")
			.withBean(Templates.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				Templates templates = context.getBean(Templates.class);
				assertThat(templates.orders().store()).isSameAs(context.getBean("orders"));
				assertThat(templates.items().store()).isSameAs(context.getBean("order-items"));
				assertThat(templates.all().forComponent("orders").store()).isSameAs(context.getBean("orders"));
				assertThat(templates.all().of(templates.items().store()).store())
					.isSameAs(context.getBean("order-items"));
				assertThatExceptionOfType(NoSuchElementException.class)
					.isThrownBy(() -> templates.all().forComponent("other"))
					.withMessage("There is no StateStore 'other'. The StateStore components are [order-items, orders]");
			});
	}

	@Test
	void whenOneStoreIsDeclaredThenItsTemplateIsInjectedByTypeAndByQualifier() {
		runner().withPropertyValues("pluggable.components.orders.type=state.in-memory")
			.withBean(OneTemplate.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				OneTemplate templates = context.getBean(OneTemplate.class);
				assertThat(templates.any().store()).isSameAs(context.getBean("orders"));
				assertThat(templates.orders().store()).isSameAs(context.getBean("orders"));
			});
	}

	@Test
	void whenTheApplicationHasItsOwnTemplateThenItIsInjectedByType() {
		StateTemplate own = this.template;
		runner().withPropertyValues("pluggable.components.orders.type=state.in-memory")
			.withBean("own", StateTemplate.class, () -> own)
			.withBean(OneTemplate.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(OneTemplate.class).any()).isSameAs(own);
				assertThat(context.getBean(OneTemplate.class).orders()).isNotSameAs(own);
			});
	}

	/**
	 * Injects templates by qualifiers.
	 */
	record Templates(@Qualifier("orders") StateTemplate orders, @Qualifier("order-items") StateTemplate items,
			StateTemplates all) {
	}

	/**
	 * Injects a template by its type and by a qualifier.
	 */
	record OneTemplate(StateTemplate any, @Qualifier("orders") StateTemplate orders) {
	}

	@Test
	void whenATypeIsGenericThenItsElementsAreRead() {
		this.template.set("k", List.of(new Order("o-1", 3)));
		ParameterizedTypeReference<List<Order>> orders = new ParameterizedTypeReference<>() {
		};
		assertThat(this.template.get("k", orders)).contains(List.of(new Order("o-1", 3)));
		assertThat(this.template.entry("k", orders).orElseThrow().value()).containsExactly(new Order("o-1", 3));
		assertThat(this.template.getAll(List.of("k", "absent"), orders))
			.isEqualTo(Map.of("k", List.of(new Order("o-1", 3))));
		assertThat(this.template.update("k", orders, (list) -> List.of())).isEmpty();
	}

	@Test
	void whenAnEntryIsReadThenItHasItsEtagAndExpiry() {
		this.template.set("k", 1, Duration.ofMinutes(1));
		StateEntry<Integer> entry = this.template.entry("k", Integer.class).orElseThrow();
		assertThat(entry.expiresAt()).isNotNull();
		this.template.set("k", 2, entry.etag());
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> this.template.set("k", 3, entry.etag()));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> this.template.set("k", 3, (String) null));
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> this.template.delete("k", entry.etag()));
		this.template.delete("k", this.template.entry("k", Integer.class).orElseThrow().etag());
		this.template.set("k", 4, (String) null);
		assertThat(this.template.entry("k", Integer.class).orElseThrow().expiresAt()).isNull();
		assertThat(new StateEntry<>("k", "s3cret", "1", null).toString()).doesNotContain("s3cret");
	}

	@Test
	void whenSeveralAreSetThenSeveralCanBeRead() {
		this.template.setAll(Map.of("a", 1, "b", 2));
		this.template.setAll(Map.of());
		Map<String, Integer> found = this.template.getAll(List.of("b", "absent", "a"), Integer.class);
		assertThat(new ArrayList<>(found.entrySet())).containsExactly(Map.entry("b", 2), Map.entry("a", 1));
	}

	@Test
	void whenOneOfSeveralCannotBeReadThenThatIsThrown() {
		StateTemplate failing = this.template.over(new Store() {

			@Override
			public Optional<StateItem> get(GetRequest request) {
				throw new ComponentException("disk full", (Throwable) null);
			}

		});
		assertThatExceptionOfType(ComponentException.class)
			.isThrownBy(() -> failing.getAll(List.of("k"), Integer.class))
			.withMessage("Key 'k' could not be read: disk full");
	}

	@ParameterizedTest
	@ValueSource(strings = { "s3cret", "{\"id\":{\"s3cret\":1}}", "{\"amount\":\"s3cret\"}", "null", "" })
	void whenAValueIsNotTheObjectThenThatIsSaidWithoutIt(String value) {
		StateTemplate template = this.template.over(new Store() {

			@Override
			public Optional<StateItem> get(GetRequest request) {
				return Optional.of(StateItem.of("k", value.getBytes(StandardCharsets.UTF_8)));
			}

		});
		assertThatExceptionOfType(StateConversionException.class).isThrownBy(() -> template.get("k", Order.class))
			.withMessageContaining("key 'k'")
			.withMessageNotContaining("s3cret")
			.withNoCause();
	}

	@Test
	void whenAnObjectCannotBeWrittenThenThatIsSaidWithoutIt() {
		assertThatExceptionOfType(StateConversionException.class).isThrownBy(() -> this.template.set("k", new Broken()))
			.withMessageContaining(Broken.class.getName())
			.withMessageNotContaining("s3cret")
			.withNoCause();
	}

	@Test
	void whenAnObjectIsUpdatedThenItIsCreatedChangedAndRemoved() {
		assertThat(this.template.update("k", Integer.class, (old) -> (old == null) ? 1 : old + 1)).isEqualTo(1);
		assertThat(this.template.update("k", Integer.class, (old) -> (old == null) ? 1 : old + 1)).isEqualTo(2);
		assertThat(this.template.update("k", Integer.class, Duration.ofMinutes(1), (old) -> old + 1)).isEqualTo(3);
		assertThat(this.template.entry("k", Integer.class).orElseThrow().expiresAt()).isNotNull();
		assertThat(this.template.<Integer>update("k", Integer.class, (old) -> null)).isNull();
		assertThat(this.template.<Integer>update("k", Integer.class, (old) -> null)).isNull();
		assertThat(this.store.get("k")).isEmpty();
	}

	@Test
	void whenManyUpdateAtTheSameTimeThenNoneIsLost() throws Exception {
		StateTemplate patient = this.template.withAttempts(1000);
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try {
			List<Future<?>> updates = new ArrayList<>();
			for (int i = 0; i < 100; i++) {
				updates.add(
						threads.submit(() -> patient.update("k", Integer.class, (old) -> (old == null) ? 1 : old + 1)));
			}
			for (Future<?> update : updates) {
				update.get(60, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
			assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		}
		assertThat(this.template.get("k", Integer.class)).contains(100);
	}

	@Test
	void whenSomebodyElseIsAlwaysFasterThenTheUpdateFailsAfterTenAttempts() {
		this.template.set("k", 0);
		AtomicInteger attempts = new AtomicInteger();
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> this.template.update("k", Integer.class, (old) -> {
				this.template.set("k", attempts.incrementAndGet());
				return -1;
			}));
		assertThat(attempts).hasValue(10);
		assertThat(this.template.get("k", Integer.class)).contains(10);
	}

	@Test
	void whenTheThreadIsInterruptedThenTheUpdateIsNotTriedAgain() {
		this.template.set("k", 0);
		AtomicInteger attempts = new AtomicInteger();
		assertThatExceptionOfType(EtagMismatchException.class)
			.isThrownBy(() -> this.template.update("k", Integer.class, (old) -> {
				this.template.set("k", attempts.incrementAndGet());
				Thread.currentThread().interrupt();
				return -1;
			}));
		assertThat(Thread.interrupted()).isTrue();
		assertThat(attempts).hasValue(1);
	}

	@Test
	void whenTheStoreHasNoEtagsThenAnUpdateIsRefused() {
		StateTemplate template = this.template.over(new Store() {

			@Override
			public Optional<StateItem> get(GetRequest request) {
				return Optional.of(StateItem.of("k", new byte[] { '1' }));
			}

		});
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> template.update("k", Integer.class, (old) -> 2))
			.withMessageContaining("no etag for key 'k'");
	}

	@Test
	void whenAnApplicationHasAMapperThenTheTemplateUsesIt() {
		runner().withBean(JsonMapper.class,
				() -> JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE).build())
			.run((context) -> {
				StateTemplate template = context.getBean(StateTemplate.class);
				assertThat(template.store()).isSameAs(context.getBean("in-memory.state"));
				template.set("k", new Order("o-1", 3));
				assertThat(template.store().get("k").orElseThrow().text()).contains("\"Amount\":3");
			});
	}

	@Test
	void whenThereAreSeveralStoresThenTheApplicationStartsAllTheSame() {
		runner()
			.withPropertyValues("pluggable.components.a.type=state.in-memory",
					"pluggable.components.b.type=state.in-memory")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				StateTemplate template = new StateTemplate(context.getBean("a", StateStore.class),
						context.getBean(JsonMapper.class));
				template.set("k", 1);
				assertThat(template.over(context.getBean("b", StateStore.class)).get("k", Integer.class)).isEmpty();
			});
	}

	@Test
	void whenJacksonIsMissingThenThereIsNoTemplate() {
		runner().withClassLoader(new FilteredClassLoader("tools.jackson")).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.containsBean("pluggableStateTemplate")).isFalse();
		});
	}

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class, JacksonAutoConfiguration.class,
					PluggableStateAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=/tmp/pluggable-none");
	}

	record Order(String id, int amount) {
	}

	static class Broken {

		public String getSecret() {
			throw new IllegalStateException("s3cret");
		}

	}

	/**
	 * A store that supports only reads and returns no etags.
	 */
	abstract static class Store implements StateStore {

		@Override
		public void set(SetRequest request) {
			throw new AssertionError();
		}

		@Override
		public void delete(DeleteRequest request) {
			throw new AssertionError();
		}

		@Override
		public Set<String> features() {
			return Set.of();
		}

	}

}
