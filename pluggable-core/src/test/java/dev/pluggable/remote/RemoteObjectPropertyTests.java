package dev.pluggable.remote;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.fixtures.TestComponent;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.remote.FakeBroker.Connection;
import dev.pluggable.remote.RemoteObjectStatus.State;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Drives a {@link RemoteObject} by random events and verifies its invariants after each
 * sequence.
 */
class RemoteObjectPropertyTests {

	private static final MethodDescriptor<String, String> METHOD = Texts.unary("test.Thing", "Do")
		.toBuilder()
		.setIdempotent(true)
		.build();

	@Property(tries = 2000)
	void whateverHappensThenTheObjectIsReadyAgainAndNothingIsLeft(@ForAll @Size(min = 1, max = 60) List<Event> events) {
		new Life().live(events);
	}

	enum Event {

		PARENT_READY, PARENT_LOST, WORK, CONNECT, LOSE, FAIL, SUCCEED, WAIT_SHORTLY, WAIT_LONG, CALL, END_CALLS, CLOSE

	}

	/**
	 * One object with its fake parent, broker and time.
	 */
	private static final class Life {

		private final FakeHostThread host = new FakeHostThread();

		private final FakeBroker broker = new FakeBroker();

		private final List<Runnable> work = new ArrayList<>();

		private final TestComponent parent = new TestComponent("parent", this.work::add, this.host.thread().scheduler(),
				new HostServiceRegistry());

		private final List<Long> generations = new ArrayList<>();

		private boolean failing;

		private int calls;

		private int answers;

		private final RemoteObject object = new RemoteObject(this.parent, "thing", (creation) -> {
			int number = creation.serve("thing", List.of());
			if (this.failing) {
				throw new IllegalStateException("no");
			}
			return number;
		}, this.host.thread());

		void live(List<Event> events) {
			this.parent.waitForReady = Duration.ofSeconds(3);
			this.object.onGeneration((generation) -> this.generations.add(generation.number()));
			this.object.start();
			this.host.runDue();
			boolean closed = false;
			for (Event event : events) {
				happen(event);
				this.host.runDue();
				closed |= event == Event.CLOSE;
				assertConsistent(closed);
			}
			this.failing = false;
			happen(Event.PARENT_READY);
			for (int i = 0; i < 100; i++) {
				happen(Event.CONNECT);
				happen(Event.END_CALLS);
				runAll();
				this.host.advance(Duration.ofMillis(100));
			}
			runAll();
			assertConsistent(closed);
			assertThat(this.object.status().state()).isEqualTo(closed ? State.CLOSED : State.READY);
			assertThat(open()).hasSize(closed ? 0 : 1);
			assertThat(this.broker.servers.stream().filter((server) -> server.closed == 0)).hasSize(closed ? 0 : 1);
			assertThat(this.broker.servers).allSatisfy((server) -> assertThat(server.closed).isLessThanOrEqualTo(1));
			assertThat(this.generations).as("each generation is told once").isSorted().doesNotHaveDuplicates();
			assertThat(this.answers).as("each call has ended once").isEqualTo(this.calls);
			assertThat(this.host.pending()).isZero();
		}

		private void assertConsistent(boolean closed) {
			RemoteObjectStatus status = this.object.status();
			assertThat(
					open().stream().filter((connection) -> connection.getState(false) == ConnectivityState.CONNECTING))
				.as("attempts")
				.hasSizeLessThanOrEqualTo(1);
			assertThat(status.state() == State.CLOSED).isEqualTo(closed);
			assertThat(this.object.connected()).isEqualTo(status.state() == State.READY);
			assertThat(status.reason() == null).isEqualTo(status.state() == State.READY);
			assertThat(status.state() == State.PENDING && status.generation() > 0).isFalse();
		}

		private List<Connection> open() {
			return this.broker.connections.stream().filter((connection) -> !connection.closed()).toList();
		}

		private void happen(Event event) {
			switch (event) {
				case PARENT_READY -> this.parent.on(new Connection(),
						Attributes.newBuilder().set(PluginBroker.KEY, this.broker).build());
				case PARENT_LOST -> this.parent.lost();
				case WORK -> {
					if (!this.work.isEmpty()) {
						this.work.remove(0).run();
					}
				}
				case CONNECT -> become(ConnectivityState.CONNECTING, ConnectivityState.READY);
				case LOSE -> become(ConnectivityState.READY, ConnectivityState.IDLE);
				case FAIL -> this.failing = true;
				case SUCCEED -> this.failing = false;
				case WAIT_SHORTLY -> this.host.advance(Duration.ofMillis(100));
				case WAIT_LONG -> this.host.advance(Duration.ofSeconds(31));
				case CALL -> call();
				case END_CALLS -> this.broker.connections.forEach((connection) -> List.copyOf(connection.calls)
					.forEach((call) -> call
						.end(connection.getState(false) == ConnectivityState.READY ? Status.OK : Status.UNAVAILABLE)));
				case CLOSE -> this.object.close();
			}
		}

		private void become(ConnectivityState before, ConnectivityState after) {
			open().stream()
				.filter((connection) -> connection.getState(false) == before)
				.findFirst()
				.ifPresent((connection) -> connection.become(after));
		}

		private void call() {
			if (this.object.status().state() == State.CLOSED) {
				return;
			}
			this.calls++;
			ClientCall<String, String> call = this.object.channel().newCall(METHOD, CallOptions.DEFAULT);
			call.start(new ClientCall.Listener<>() {

				@Override
				public void onClose(Status status, Metadata trailers) {
					Life.this.answers++;
				}

			}, new Metadata());
			call.request(2);
			call.sendMessage("x");
			call.halfClose();
		}

		private void runAll() {
			this.host.runDue();
			while (!this.work.isEmpty()) {
				this.work.remove(0).run();
				this.host.runDue();
			}
		}

	}

}
