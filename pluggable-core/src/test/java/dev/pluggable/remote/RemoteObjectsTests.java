package dev.pluggable.remote;

import java.util.ArrayList;
import java.util.List;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.fixtures.TestComponent;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.remote.RemoteObjectStatus.State;
import io.grpc.Attributes;
import io.grpc.ConnectivityState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link RemoteObjects}, without sockets and with fake time. The answer of the
 * call with number n holds the ids 10n and 10n + 1.
 */
@Timeout(60)
class RemoteObjectsTests {

	private final FakeHostThread host = new FakeHostThread();

	private final FakeBroker broker = new FakeBroker();

	private final List<Runnable> work = new ArrayList<>();

	private final TestComponent parent = new TestComponent("parent", this.work::add, this.host.thread().scheduler(),
			new HostServiceRegistry());

	private int calls;

	private RemoteObjects.Creator<Integer> creator = (creation) -> {
		creation.serve("helper", List.of());
		return ++this.calls;
	};

	/** Whether the answer holds no first object. */
	private boolean withoutLeft;

	private final RemoteObjects<Integer> objects = RemoteObjects.create(this.parent, List.of("left", "right"),
			(creation) -> this.creator.create(creation),
			List.of((answer) -> this.withoutLeft ? 0 : 10 * answer, (answer) -> 10 * answer + 1));

	private final RemoteObject left = this.objects.objects().get(0);

	private final RemoteObject right = this.objects.objects().get(1);

	@Test
	void whenThereIsNotOneIdForEachNameThenTheArgumentsAreRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RemoteObjects.create(this.parent, List.of("left"), this.creator, List.of()))
			.withMessageContaining("as many ids as names");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RemoteObjects.create(this.parent, List.of(), this.creator, List.of()));
	}

	@Test
	void whenOneCallCreatesThemThenEachObjectHasItsOwnConnectionFromTheOneAnswer() {
		ready();
		assertThat(this.calls).isOne();
		assertThat(this.broker.ids).containsExactlyInAnyOrder(10, 11);
		assertThat(this.objects.answer()).isOne();
		assertThat(this.objects.objects()).extracting(RemoteObject::component).containsExactly("left", "right");
	}

	@Test
	void whenOneOfThemIsLostThenOneCallCreatesAllAgain() {
		ready();
		this.broker.connections.get(this.broker.ids.indexOf(11)).become(ConnectivityState.IDLE);
		connect();
		assertThat(this.calls).isEqualTo(2);
		assertThat(this.broker.ids).hasSize(4).contains(20, 21);
		assertReady(2);
		assertThat(this.objects.answer()).isEqualTo(2);
	}

	@Test
	void whenTheConnectionsOfTheOldAnswerHaveDrainedThenTheyAndWhatWasServedForThemAreClosed() {
		ready();
		this.broker.connections.get(0).become(ConnectivityState.IDLE);
		connect();
		this.host.advance(ObjectGeneration.LATE_CALLS);
		assertThat(this.broker.connections).extracting(FakeBroker.Connection::closed)
			.containsExactly(true, true, false, false);
		assertThat(this.broker.servers).extracting((server) -> server.closed).containsExactly(1, 0);
	}

	@Test
	void whenTheProcessIsReplacedThenOneCallCreatesAllAgain() {
		ready();
		parentReady();
		connect();
		assertThat(this.calls).isEqualTo(2);
		assertReady(2);
	}

	@Test
	void whenTheCallFailsThenTheAnswerFailsWithTheReasonUntilAnotherCallSucceeds() {
		RemoteObjects.Creator<Integer> working = this.creator;
		this.creator = (creation) -> {
			throw new IllegalStateException("no");
		};
		parentReady();
		connect();
		assertThat(this.left.status().reason()).isEqualTo("java.lang.IllegalStateException: no");
		assertThat(this.right.status().reason()).isEqualTo("java.lang.IllegalStateException: no");
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(this.objects::answer)
			.withMessageContaining("java.lang.IllegalStateException: no");
		this.creator = working;
		this.host.advance(CreationLoop.FIRST_RETRY);
		connect();
		assertThat(this.objects.answer()).isOne();
		assertReady(1);
	}

	@Test
	void whenADialFailsThenAnotherCallGivesOtherIds() {
		this.broker.dialFailure = new PluginException("nobody has announced it");
		parentReady();
		connect();
		assertThat(this.left.status().reason()).contains("nobody has announced it");
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(this.objects::answer)
			.withMessageContaining("nobody has announced it");
		this.broker.dialFailure = null;
		this.host.advance(CreationLoop.FIRST_RETRY);
		connect();
		assertThat(this.broker.ids).doesNotHaveDuplicates().doesNotContain(10, 11);
		assertThat(this.left.connected()).isTrue();
		assertThat(this.right.connected()).isTrue();
	}

	@Test
	void whenAConnectionIsNotMadeInTimeThenTheAttemptEndsAndTheAnswerFailsWithTheReason() {
		parentReady();
		run();
		this.host.advance(CreationAttempt.TIMEOUT);
		assertThat(this.broker.connections.subList(0, 2)).allMatch(FakeBroker.Connection::closed);
		assertThat(this.broker.servers.get(0).closed).isOne();
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(this.objects::answer)
			.withMessageContaining("was not created within 30s");
	}

	@Test
	void whenTheAnswerHoldsNoIdOfOneObjectThenThatObjectSaysSoAndTheOtherWorks() {
		this.withoutLeft = true;
		parentReady();
		connect();
		this.host.advance(CreationLoop.LAST_RETRY);
		connect();
		assertThat(this.right.connected()).isTrue();
		assertThat(this.left.connected()).isFalse();
		assertThat(this.left.status().reason()).contains("The answer holds no object 'left': its id is 0");
		int before = this.calls;
		this.host.advance(CreationLoop.LAST_RETRY);
		connect();
		assertThat(this.calls).as("the same answer is not asked for again").isEqualTo(before);
	}

	@Test
	void whenOneOfThemIsClosedThenTheOtherStaysAndTheLastOneClosesWhatWasServed() {
		ready();
		this.left.close();
		connect();
		this.host.advance(ObjectGeneration.LATE_CALLS);
		assertThat(this.left.status().state()).isEqualTo(State.CLOSED);
		assertThat(this.right.connected()).isTrue();
		assertThat(this.broker.servers.get(0).closed).isZero();
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(this.objects::answer)
			.withMessageContaining("it was closed");
		this.right.close();
		connect();
		this.host.advance(ObjectGeneration.LATE_CALLS);
		assertThat(this.broker.servers.get(0).closed).isOne();
		assertThat(this.broker.connections).allMatch(FakeBroker.Connection::closed);
		assertThat(this.calls).isOne();
		assertThat(this.parent.listeners()).isZero();
		assertThat(this.host.pending()).isZero();
	}

	private void parentReady() {
		this.parent.on(new FakeBroker.Connection(), Attributes.newBuilder().set(PluginBroker.KEY, this.broker).build());
	}

	private void ready() {
		parentReady();
		connect();
		assertReady(1);
	}

	/**
	 * Run all work, and let each new connection become ready.
	 */
	private void connect() {
		run();
		for (FakeBroker.Connection connection : List.copyOf(this.broker.connections)) {
			if (connection.getState(false) == ConnectivityState.CONNECTING) {
				connection.become(ConnectivityState.READY);
			}
		}
		run();
	}

	private void run() {
		this.host.runDue();
		while (!this.work.isEmpty()) {
			this.work.remove(0).run();
			this.host.runDue();
		}
	}

	private void assertReady(long generation) {
		assertThat(this.objects.objects()).allSatisfy((object) -> {
			assertThat(object.status().state()).isEqualTo(State.READY);
			assertThat(object.status().generation()).isEqualTo(generation);
		});
	}

}
