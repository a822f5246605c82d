package dev.pluggable.remote;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link ServedConnections}.
 */
class ServedConnectionsTests {

	private final FakeBroker broker = new FakeBroker();

	private final ServedConnections served = new ServedConnections();

	@Test
	void whenClosedThenAllServersAre() {
		assertThat(this.served.add(this.broker.serve("a", List.of()))).isEqualTo(1);
		assertThat(this.served.add(this.broker.serve("b", List.of()))).isEqualTo(2);
		assertThat(this.broker.servers).allSatisfy((server) -> assertThat(server.closed).isZero());
		this.served.close();
		assertThat(this.broker.servers).allSatisfy((server) -> assertThat(server.closed).isOne());
	}

	@Test
	void whenAServerComesTooLateThenItIsClosedAtOnce() {
		this.served.add(this.broker.serve("a", List.of()));
		this.served.complete();
		assertThatIllegalStateException().isThrownBy(() -> this.served.add(this.broker.serve("late", List.of())));
		assertThat(this.broker.servers.get(0).closed).isZero();
		assertThat(this.broker.servers.get(1).closed).isOne();
	}

}
