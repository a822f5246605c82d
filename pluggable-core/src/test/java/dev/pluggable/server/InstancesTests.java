package dev.pluggable.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.ComponentFactory;
import dev.pluggable.InvalidRequestException;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link Instances}.
 */
class InstancesTests {

	private final List<Closeable> created = new CopyOnWriteArrayList<>();

	private final InstanceOwner owner = new InstanceOwner();

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final Instances<Closeable> instances = instances(this::create, this.owner);

	private Closeable create(String name, Map<String, String> metadata) {
		if (metadata.containsKey("fail")) {
			throw new InvalidRequestException("as asked");
		}
		Closeable instance = new Closeable(name, metadata);
		this.created.add(instance);
		return instance;
	}

	private static <T> Instances<T> instances(ComponentFactory<? extends T> factory, InstanceOwner owner) {
		return new Instances<>("echo", Set.of("group"), factory, null, Map.of("known", Map.of("k", "v")), owner);
	}

	@AfterEach
	void endThreads() {
		this.threads.shutdownNow();
	}

	@Test
	void whenMetadataIsTheSameThenKeepsInstance() throws Exception {
		init(this.instances, "a", Map.of("k", "v"));
		init(this.instances, "a", Map.of("k", "v"));
		assertThat(this.created).hasSize(1);
		assertThat(current("a").closed).hasValue(0);
		assertThat(current("a").metadata).containsExactly(Map.entry("k", "v"));
	}

	@Test
	void whenOnlyMetadataOfTheHostDifferThenKeepsInstance() throws Exception {
		init(this.instances, "a", Map.of("k", "v", "group", "1"));
		init(this.instances, "a", Map.of("k", "v", "Group", "2"));
		init(this.instances, "a", Map.of("k", "v"));
		assertThat(this.created).hasSize(1);
		init(this.instances, "a", Map.of("group", "1"));
		assertThat(this.created).hasSize(2);
	}

	@Test
	void whenSettingsAreKnownThenAnInstanceNeedsNoInit() throws Exception {
		assertThat(current("known").metadata).containsExactly(Map.entry("k", "v"));
		assertThat(current("known")).isSameAs(this.created.get(0));
		init(this.instances, "known", Map.of("k", "v"));
		assertThat(this.created).hasSize(1);
		assertThat(this.instances.names()).containsExactly("known");
		assertThatIllegalStateException().isThrownBy(() -> current("other"))
			.withMessageContaining("Init must come before any other call");
	}

	@Test
	void whenTheHostSendsNoNameThenTheOnlyKnownSettingsCount() throws Exception {
		assertThat(current("").metadata).containsExactly(Map.entry("k", "v"));
	}

	@Test
	void whenAnInstanceCannotBeCreatedFromKnownSettingsThenTheNextCallTriesAgain() throws Exception {
		AtomicInteger attempts = new AtomicInteger();
		Instances<Closeable> some = instances((name, metadata) -> {
			if (attempts.incrementAndGet() == 1) {
				throw new InvalidRequestException("not yet");
			}
			return create(name, metadata);
		}, this.owner);
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> within("known", some::current));
		assertThat(within("known", some::current)).isSameAs(this.created.get(0));
	}

	@Test
	void whenMetadataIsOtherThenReplacesInstance() throws Exception {
		init(this.instances, "a", Map.of("k", "1"));
		init(this.instances, "b", Map.of("k", "1"));
		init(this.instances, "a", Map.of("k", "2"));
		assertThat(this.created).hasSize(3);
		assertThat(current("a")).isSameAs(this.created.get(2));
		assertThat(this.created.get(0).closed).hasValue(1);
		assertThat(this.created.get(1).closed).hasValue(0);
	}

	@Test
	void whenReplacementIsMadeThenEarlierIsStillOpenAndCurrent() throws Exception {
		List<Integer> closedBefore = new ArrayList<>();
		Instances<Closeable> replacing = instances((name, metadata) -> {
			if (metadata.containsKey("again")) {
				closedBefore.add(this.created.get(0).closed.get());
			}
			return create(name, metadata);
		}, this.owner);
		init(replacing, "a", Map.of());
		init(replacing, "a", Map.of("again", ""));
		assertThat(closedBefore).containsExactly(0);
		assertThat(this.created.get(0).closed).hasValue(1);
	}

	@Test
	void whenFactoryFailsThenKeepsEarlierInstance() throws Exception {
		init(this.instances, "a", Map.of());
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> init(this.instances, "a", Map.of("fail", "")))
			.withMessage("as asked");
		assertThat(current("a")).isSameAs(this.created.get(0));
		assertThat(current("a").closed).hasValue(0);
		init(this.instances, "a", Map.of());
		assertThat(this.created).hasSize(1);
	}

	@Test
	void whenFactoryReturnsNullThenSaysSo() {
		Instances<Object> nothing = instances(nullFactory(), this.owner);
		assertThatNullPointerException().isThrownBy(() -> init(nothing, "a", Map.of()))
			.withMessageContaining("echo component 'a'");
	}

	@SuppressWarnings("NullAway")
	private static ComponentFactory<Object> nullFactory() {
		return (name, metadata) -> null;
	}

	@Test
	void metadataIsImmutable() throws Exception {
		init(this.instances, "a", new HashMap<>(Map.of("k", "v")));
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> current("a").metadata.put("k", "w"));
	}

	@Test
	void whenInitsAreConcurrentThenMakesOneInstance() throws Exception {
		int callers = 16;
		for (int round = 0; round < 50; round++) {
			String name = "n" + round;
			this.created.clear();
			CyclicBarrier barrier = new CyclicBarrier(callers);
			List<Future<?>> inits = new ArrayList<>();
			for (int i = 0; i < callers; i++) {
				inits.add(this.threads.submit(() -> {
					barrier.await();
					init(this.instances, name, Map.of());
					return null;
				}));
			}
			for (Future<?> init : inits) {
				init.get(20, TimeUnit.SECONDS);
			}
			assertThat(this.created).hasSize(1);
		}
	}

	@Test
	void whenInitsFailAndSucceedConcurrentlyThenNothingIsLost() throws Exception {
		int callers = 8;
		for (int round = 0; round < 50; round++) {
			String name = "n" + round;
			CyclicBarrier barrier = new CyclicBarrier(callers);
			List<Future<Boolean>> inits = new ArrayList<>();
			for (int i = 0; i < callers; i++) {
				Map<String, String> metadata = (i % 2 == 0) ? Map.of("fail", "") : Map.of("i", "" + i);
				inits.add(this.threads.submit(() -> {
					barrier.await();
					try {
						init(this.instances, name, metadata);
						return true;
					}
					catch (InvalidRequestException ex) {
						return false;
					}
				}));
			}
			for (int i = 0; i < callers; i++) {
				assertThat(inits.get(i).get(20, TimeUnit.SECONDS)).isEqualTo(i % 2 != 0);
			}
			assertThat(current(name).closed).hasValue(0);
		}
		assertThat(this.created.stream().filter((instance) -> instance.closed.get() == 0)).hasSize(50);
		this.instances.close();
		assertThat(this.created).allSatisfy((instance) -> assertThat(instance.closed).hasValue(1));
	}

	@Test
	void whenOneFactoryHangsThenOthersAreNotHeldUp() throws Exception {
		CountDownLatch hanging = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		Instances<Closeable> some = instances((name, metadata) -> {
			if (name.equals("slow")) {
				hanging.countDown();
				release.await();
			}
			return create(name, metadata);
		}, this.owner);
		Future<?> slow = this.threads.submit(() -> {
			init(some, "slow", Map.of());
			return null;
		});
		assertThat(hanging.await(20, TimeUnit.SECONDS)).isTrue();
		init(some, "fast", Map.of());
		assertThat(within("fast", some::current).name).isEqualTo("fast");
		Context.CancellableContext caller = Context.current().withCancellation();
		Future<?> second = this.threads.submit(() -> caller.call(() -> {
			init(some, "slow", Map.of());
			return null;
		}));
		caller.cancel(null);
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> second.get(20, TimeUnit.SECONDS))
			.havingCause()
			.isInstanceOfSatisfying(StatusException.class,
					(ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.CANCELLED));
		release.countDown();
		slow.get(20, TimeUnit.SECONDS);
		assertThat(this.created).hasSize(2);
	}

	@Test
	void numberOfInstancesIsBounded() throws Exception {
		for (int i = 0; i < 10; i++) {
			String name = "failed" + i;
			assertThatExceptionOfType(InvalidRequestException.class)
				.isThrownBy(() -> init(this.instances, name, Map.of("fail", "")));
		}
		for (int i = 0; i < Instances.MAX; i++) {
			init(this.instances, "n" + i, Map.of());
		}
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> init(this.instances, "more", Map.of()))
			.withMessageContaining("'more'")
			.withMessageContaining("1000");
		init(this.instances, "n0", Map.of("k", "other"));
		assertThat(current("n0").metadata).containsKey("k");
	}

	@Test
	void whenClosedThenClosesEachInstanceOnce() throws Exception {
		init(this.instances, "a", Map.of());
		init(this.instances, "b", Map.of());
		init(this.instances, "a", Map.of("k", "v"));
		this.instances.close();
		this.instances.close();
		assertThat(this.created).hasSize(3).allSatisfy((instance) -> assertThat(instance.closed).hasValue(1));
		assertThatIllegalStateException().isThrownBy(() -> current("a"));
	}

	@Test
	void whenClosedDuringInitThenClosesNewInstance() throws Exception {
		CountDownLatch creating = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		Instances<Closeable> some = instances((name, metadata) -> {
			creating.countDown();
			release.await();
			return create(name, metadata);
		}, this.owner);
		Future<?> init = this.threads.submit(() -> {
			init(some, "a", Map.of());
			return null;
		});
		assertThat(creating.await(20, TimeUnit.SECONDS)).isTrue();
		some.close();
		release.countDown();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> init.get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(IllegalStateException.class);
		assertThat(this.created).singleElement().satisfies((instance) -> assertThat(instance.closed).hasValue(1));
	}

	@Test
	void whenFactoryReturnsOneObjectForAllThenClosesItWithItsLastUse() throws Exception {
		Closeable shared = new Closeable("shared", Map.of());
		Instances<Closeable> some = instances((name, metadata) -> shared, this.owner);
		Instances<Closeable> others = instances((name, metadata) -> shared, this.owner);
		init(some, "a", Map.of());
		init(some, "b", Map.of());
		init(others, "a", Map.of());
		init(some, "a", Map.of("k", "v"));
		some.close();
		assertThat(shared.closed).hasValue(0);
		others.close();
		assertThat(shared.closed).hasValue(1);
	}

	@Test
	void whenClosingFailsThenOthersAreClosed() throws Exception {
		AtomicInteger closed = new AtomicInteger();
		Instances<AutoCloseable> some = instances((name, metadata) -> () -> {
			closed.incrementAndGet();
			throw new IllegalStateException("cannot close " + name);
		}, this.owner);
		init(some, "a", Map.of());
		init(some, "b", Map.of());
		some.close();
		assertThat(closed).hasValue(2);
	}

	private Closeable current(String name) throws Exception {
		return within(name, this.instances::current);
	}

	private static void init(Instances<?> instances, String name, Map<String, String> metadata) throws Exception {
		within(name, () -> {
			instances.initialize(metadata);
			return "";
		});
	}

	/**
	 * Run an action with the context of a call for an instance.
	 */
	private static <R> R within(String name, Callable<R> action) throws Exception {
		Metadata headers = new Metadata();
		headers.put(Metadata.Key.of("x-component-instance", Metadata.ASCII_STRING_MARSHALLER), name);
		List<R> result = new ArrayList<>();
		List<Exception> failure = new ArrayList<>();
		new InstanceName().interceptCall(new NoCall(), headers, (call, received) -> {
			try {
				result.add(action.call());
			}
			catch (Exception ex) {
				failure.add(ex);
			}
			return new ServerCall.Listener<>() {
			};
		});
		if (!failure.isEmpty()) {
			throw failure.get(0);
		}
		return result.get(0);
	}

	static final class Closeable implements AutoCloseable {

		final AtomicInteger closed = new AtomicInteger();

		final String name;

		final Map<String, String> metadata;

		Closeable(String name, Map<String, String> metadata) {
			this.name = name;
			this.metadata = metadata;
		}

		@Override
		public void close() {
			this.closed.incrementAndGet();
		}

	}

	private static final class NoCall extends ServerCall<String, String> {

		@Override
		public void request(int numMessages) {
		}

		@Override
		public void sendHeaders(Metadata headers) {
		}

		@Override
		public void sendMessage(String message) {
		}

		@Override
		public void close(Status status, Metadata trailers) {
		}

		@Override
		public boolean isCancelled() {
			return false;
		}

		@Override
		public MethodDescriptor<String, String> getMethodDescriptor() {
			throw new UnsupportedOperationException();
		}

	}

}
