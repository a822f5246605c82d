package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentState;
import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.fixtures.RecordedLog;
import dev.pluggable.internal.endpoint.FakeServer.Connection;
import dev.pluggable.internal.endpoint.FakeServer.Init;
import dev.pluggable.internal.endpoint.FakeServer.Mode;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Drives an {@link Endpoint} with its components by random events and verifies its
 * invariants after each event.
 * <p>
 * A failure prints its seed and the shortest failing sequence. To replay it, add the seed
 * to the annotation: {@code @Property(seed = "...")}.
 */
class EndpointPropertyTests {

	/**
	 * A time that is longer than all delays and time limits of one attempt together.
	 */
	private static final Duration RECOVERY = Duration.ofMinutes(2);

	private static final Logger logger = (Logger) LoggerFactory.getLogger("dev.pluggable");

	private static final RecordedLog errors = new RecordedLog();

	private static Level level = Level.INFO;

	@BeforeContainer
	static void collectErrors() {
		level = logger.getLevel();
		logger.setLevel(Level.ERROR);
		logger.setAdditive(false);
		logger.addAppender(errors);
	}

	@AfterContainer
	static void restoreLog() {
		logger.detachAppender(errors);
		logger.setAdditive(true);
		logger.setLevel(level);
	}

	enum Event {

		SERVER_SERVES, SERVER_DOWN, SERVER_SILENT, SERVER_BROKEN, SERVER_WITHOUT_REFLECTION, SERVER_REFUSES,

		OFFERS_ALL, OFFERS_A, OFFERS_NOTHING, CALLS_BUSY, CALLS_DONE,

		INIT_SUCCEEDS, INIT_FAILS, INIT_UNIMPLEMENTED, INIT_SILENT, INIT_NEVER_ENDS, INIT_THROWS, INIT_ANSWERED,
		IDENTIFIED,

		NEW_PROCESS, SOCKET_VANISHES, FIRST_PROCESS_DIES, LAST_PROCESS_DIES, ALL_PROCESSES_DIE, GO_AWAY, RENEWED,

		RETIRED,

		WITHDRAW, GIVE_UP, DISCONNECT, STOP, START, PREPARE, HAND_OVER, REVERT, MARK_GONE, RESUME, ATTACH,

		PROBE_SOON, SUSPECT, UNWELL, WELL, CLOCK_BACK, LOSS_BEFORE_ITS_TASK,

		MILLISECONDS, A_SECOND, SECONDS, A_MINUTE

	}

	/**
	 * Events that occur more often than others, because they lead to new situations.
	 */
	private static final List<Event> LIKELY = List.of(Event.NEW_PROCESS, Event.PREPARE, Event.HAND_OVER, Event.REVERT,
			Event.ATTACH, Event.INIT_SILENT, Event.INIT_SUCCEEDS, Event.INIT_ANSWERED, Event.SERVER_SERVES,
			Event.LAST_PROCESS_DIES, Event.MILLISECONDS);

	@Provide
	Arbitrary<List<Event>> sequences() {
		return Arbitraries.oneOf(Arbitraries.of(LIKELY), Arbitraries.of(Event.class)).list().ofMaxSize(50);
	}

	@Property(tries = 2000)
	void invariantsHoldWhateverHappens(@ForAll("sequences") List<Event> events) {
		errors.clear();
		World world = new World();
		world.verify();
		for (Event event : events) {
			world.apply(event);
			world.verify();
		}
		world.recovers();
		world.closes();
	}

	/**
	 * An endpoint with three components, one of them discovered.
	 */
	private static final class World {

		private final FakeEndpoint fake = new FakeEndpoint();

		private final Endpoint endpoint = this.fake.endpoint;

		private final FakeServer server = this.fake.server;

		private final List<RemoteComponent<Object>> components = new ArrayList<>();

		private int processes = 1;

		World() {
			this.components.add(this.fake.declare("A", "orders"));
			this.components.add(this.fake.declare("B", "orders"));
			this.components.add(this.fake.discover("A"));
			this.fake.update("process 1");
		}

		private List<Connection> alive() {
			return this.server.connections.stream().filter((connection) -> !connection.ended).toList();
		}

		void apply(Event event) {
			switch (event) {
				case SERVER_SERVES -> this.server.mode = Mode.SERVING;
				case SERVER_DOWN -> this.server.mode = Mode.DOWN;
				case SERVER_SILENT -> this.server.mode = Mode.SILENT;
				case SERVER_BROKEN -> this.server.mode = Mode.BROKEN;
				case SERVER_WITHOUT_REFLECTION -> this.server.mode = Mode.WITHOUT_REFLECTION;
				case SERVER_REFUSES -> this.server.mode = Mode.REFUSING;
				case OFFERS_ALL -> this.server.services = Set.of("test.A", "test.B", "grpc.health.v1.Health");
				case OFFERS_A -> this.server.services = Set.of("test.A");
				case OFFERS_NOTHING -> this.server.services = Set.of();
				case CALLS_BUSY -> this.server.busy = true;
				case CALLS_DONE -> {
					this.server.busy = false;
					this.server.connections.stream().filter(Connection::isShutdown).forEach(Connection::shutdownNow);
				}
				case INIT_SUCCEEDS -> this.server.init = Init.SUCCEEDS;
				case INIT_FAILS -> this.server.init = Init.FAILS;
				case INIT_UNIMPLEMENTED -> this.server.init = Init.UNIMPLEMENTED;
				case INIT_SILENT -> this.server.init = Init.SILENT;
				case INIT_NEVER_ENDS -> this.server.init = Init.NEVER_ENDS;
				case INIT_THROWS -> this.server.init = Init.THROWS;
				case INIT_ANSWERED ->
					this.server.connections.forEach((connection) -> List.copyOf(connection.inits.values())
						.forEach((init) -> init.complete(Set.of())));
				case IDENTIFIED -> alive().forEach((connection) -> connection.identify(this.server.services));
				case NEW_PROCESS -> this.fake.update("process " + ++this.processes);
				case SOCKET_VANISHES -> this.fake.vanish();
				case FIRST_PROCESS_DIES -> alive().stream().findFirst().ifPresent(Connection::end);
				case LAST_PROCESS_DIES -> alive().stream().reduce((first, last) -> last).ifPresent(Connection::end);
				case ALL_PROCESSES_DIE -> alive().forEach(Connection::end);
				case GO_AWAY -> alive().stream().reduce((first, last) -> last).ifPresent(Connection::goAway);
				case RENEWED -> alive().forEach(Connection::renew);
				case RETIRED -> alive().forEach(Connection::retire);
				case WITHDRAW ->
					this.fake.run(() -> this.endpoint.withdraw(EndpointState.WAITING, "the plugin restarts"));
				case GIVE_UP -> this.fake.run(() -> this.endpoint.withdraw(EndpointState.FAILED, "crash loop"));
				case DISCONNECT -> this.fake.run(() -> this.endpoint.disconnect("the plugin has not started"));
				case STOP -> this.fake.run(() -> this.endpoint.stop("the plugin is stopped"));
				case START -> this.fake.run(this.endpoint::start);
				case PREPARE -> this.fake.prepare("process " + ++this.processes);
				case HAND_OVER -> this.fake.run(this.endpoint::handOver);
				case REVERT -> this.fake
					.run(() -> this.endpoint.revert(FakeServer.target("process " + Math.max(1, this.processes - 1))));
				case MARK_GONE -> this.fake.run(() -> {
					// The host calls this method only without a live connection.
					if (!this.endpoint.connected()) {
						this.endpoint.markGone();
					}
				});
				case RESUME -> this.fake.run(() -> this.components.forEach(this.endpoint::resume));
				case ATTACH -> {
					if (this.components.size() < 6) {
						this.components.add(this.fake.declare("B", "late" + this.components.size()));
					}
				}
				case PROBE_SOON -> this.endpoint.probeSoon();
				case SUSPECT -> {
					Generation current = this.endpoint.current();
					if (current != null) {
						this.endpoint.suspect(current);
					}
				}
				case UNWELL -> this.fake.health = ProbeResult.Health.DOWN;
				case WELL -> this.fake.health = ProbeResult.Health.UP;
				case CLOCK_BACK -> this.fake.host.time().setClock(Instant.EPOCH);
				case LOSS_BEFORE_ITS_TASK -> this.fake.run(() -> {
					alive().forEach((connection) -> List.copyOf(connection.inits.values())
						.forEach((init) -> init.completeExceptionally(new IllegalStateException("no"))));
					alive().forEach(Connection::end);
				});
				case MILLISECONDS -> this.fake.advance(Duration.ofMillis(20));
				case A_SECOND -> this.fake.advance(Duration.ofSeconds(1));
				case SECONDS -> this.fake.advance(Duration.ofSeconds(5));
				case A_MINUTE -> this.fake.advance(Duration.ofMinutes(1));
			}
			this.fake.host.runDue();
		}

		void verify() {
			assertThat(errors.events()).as("logged errors").isEmpty();
			Generation current = this.endpoint.current();
			EndpointState state = this.fake.state();
			assertThat(state == EndpointState.READY).as("READY means a current generation").isEqualTo(current != null);
			assertThat(this.fake.reason() == null).as("reason of " + state)
				.isEqualTo(state == EndpointState.READY || state == EndpointState.CONNECTING);
			verifyConnections(current);
			Map<Object, ComponentState> reported = new HashMap<>();
			for (ComponentEvent event : this.fake.componentEvents) {
				reported.put(event.component(), event.status().state());
			}
			for (RemoteComponent<Object> component : this.components) {
				verify(component, reported.getOrDefault(component, ComponentState.PENDING));
			}
		}

		/**
		 * Verify that each open channel belongs to the attempt, to the current
		 * generation, or to a generation that serves a component.
		 */
		private void verifyConnections(@Nullable Generation current) {
			List<Connection> open = new ArrayList<>(
					this.server.connections.stream().filter((connection) -> !connection.isShutdown()).toList());
			if (current != null) {
				assertThat(open.remove(current.channel())).as("the current generation is open").isTrue();
			}
			for (RemoteComponent<Object> component : this.components) {
				Route route = component.route();
				if (route != null) {
					open.remove(route.channel());
				}
			}
			assertThat(open).as("attempts").hasSizeLessThanOrEqualTo(1).allMatch((attempt) -> !attempt.identified());
			if (this.fake.state() == EndpointState.CONNECTING) {
				assertThat(open).as("the attempt while CONNECTING").hasSize(1);
			}
			if (this.fake.state() == EndpointState.WAITING) {
				assertThat(open).as("attempts while WAITING").isEmpty();
			}
		}

		private void verify(RemoteComponent<Object> component, ComponentState reported) {
			Route route = component.route();
			ComponentState state = component.status().state();
			assertThat(state == ComponentState.READY).as("%s is %s, routed to %s", component, state, route)
				.isEqualTo(route != null);
			assertThat(reported).as("the state that listeners know of %s", component).isEqualTo(state);
			if (route != null) {
				assertThat(route.generation().lost()).as("%s is routed to a lost generation", component).isFalse();
				assertThat(component.status().generation()).isEqualTo(route.generation().number());
			}
			else {
				assertThat(component.status().reason()).isNotNull();
			}
		}

		/**
		 * Let the server work, and verify that everything becomes ready in bounded time.
		 */
		void recovers() {
			apply(Event.SERVER_SERVES);
			apply(Event.OFFERS_ALL);
			apply(Event.INIT_SUCCEEDS);
			apply(Event.START);
			apply(Event.RENEWED);
			Generation before = this.endpoint.current();
			if (before == null ? this.endpoint.target() == null : !this.server.services.equals(before.services())) {
				// The endpoint has no target, or the process lacks a kind.
				apply(Event.NEW_PROCESS);
			}
			this.fake.advance(RECOVERY);
			apply(Event.HAND_OVER);
			verify();
			assertThat(this.fake.state()).isEqualTo(EndpointState.READY);
			assertThat(this.components).allMatch((component) -> component.status().state() == ComponentState.READY
					&& component.status().reason() == null && component.isOn(current()));
		}

		private Generation current() {
			return Objects.requireNonNull(this.endpoint.current());
		}

		void closes() {
			this.server.busy = true;
			this.fake.run(() -> this.endpoint.close());
			assertThat(this.server.connections).allMatch(Connection::isShutdown);
			assertThat(this.fake.state()).isEqualTo(EndpointState.WAITING);
			int before = this.server.connections.size();
			this.fake.advance(RECOVERY);
			assertThat(this.server.connections).hasSize(before);
			assertThat(errors.events()).isEmpty();
		}

	}

}
