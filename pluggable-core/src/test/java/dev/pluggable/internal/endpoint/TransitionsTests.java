package dev.pluggable.internal.endpoint;

import java.util.concurrent.TimeUnit;

import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.fixtures.StateMachineDrawing;
import dev.pluggable.internal.support.Transitions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link EndpointTransitions}, {@link ComponentTransitions} and the way in
 * which drawings are compared with tables.
 */
class TransitionsTests {

	@Test
	void whenTheEndpointIsDrawnThenTheDrawingShowsItsTable() {
		StateMachineDrawing.verify("Endpoint", EndpointTransitions.TABLE);
	}

	@Test
	void whenTheComponentIsDrawnThenTheDrawingShowsItsTable() {
		StateMachineDrawing.verify("Component", ComponentTransitions.TABLE);
	}

	@Test
	void whenATableHasAnotherTransitionThenTheDrawingDiffers() {
		Transitions<EndpointState> other = Transitions.startingWith(EndpointState.WAITING);
		EndpointTransitions.TABLE.table()
			.forEach((from, next) -> other.allow(from, next.toArray(EndpointState[]::new)));
		StateMachineDrawing.verify("Endpoint", other);
		other.allow(EndpointState.WAITING, EndpointState.REFUSED);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> StateMachineDrawing.verify("Endpoint", other))
			.withMessageContaining("WAITING --> REFUSED");
	}

	@Test
	void whenADrawingHasTextsThenOnlyItsArrowsCount() {
		String page = """

				## A

				```mermaid
				stateDiagram-v2
				    [*] --> ONE
				    ONE --> TWO: because
				    TWO --> TWO
				```
				""";
		assertThat(StateMachineDrawing.drawn("A", page)).containsExactly("ONE --> TWO", "[*] --> ONE");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> StateMachineDrawing.drawn("B", page));
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> StateMachineDrawing.drawn("A", page.replace("ONE --> TWO", "ONE -> TWO")));
	}

	@Test
	void whenAStateFollowsItselfThenItIsLegal() {
		Transitions<TimeUnit> transitions = Transitions.startingWith(TimeUnit.DAYS)
			.allow(TimeUnit.DAYS, TimeUnit.HOURS);
		assertThat(transitions.allows(TimeUnit.DAYS, TimeUnit.DAYS)).isTrue();
		assertThat(transitions.allows(TimeUnit.DAYS, TimeUnit.HOURS)).isTrue();
		assertThat(transitions.allows(TimeUnit.HOURS, TimeUnit.DAYS)).isFalse();
	}

}
