package dev.pluggable.sample.host;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs the application with a built-in store instead of one in another process.
 */
@SpringBootTest(properties = "pluggable.components.orders.type=state.in-memory")
class InMemoryComponentTests {

	@Autowired
	private VisitCounter counter;

	@Test
	void whenVisitsAreCountedThenEachHasItsNumber() {
		long first = this.counter.increment();
		assertThat(this.counter.increment()).isEqualTo(first + 1);
	}

}
