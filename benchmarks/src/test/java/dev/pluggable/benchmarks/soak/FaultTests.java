package dev.pluggable.benchmarks.soak;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FaultTests {

	private static final List<String> IN_FOLDER = List.of("a", "b");

	private static final List<String> LAUNCHED = List.of("p");

	@Test
	void whenTheSeedIsTheSameThenThePlanIsTheSame() {
		List<Fault> plan = Fault.plan(42, 100, IN_FOLDER, LAUNCHED);
		assertThat(Fault.plan(42, 100, IN_FOLDER, LAUNCHED)).isEqualTo(plan);
		assertThat(Fault.plan(43, 100, IN_FOLDER, LAUNCHED)).isNotEqualTo(plan);
	}

	@Test
	void whenAPlanIsLongThenEachKindOccursOnItsTargetsOnly() {
		assertThat(Fault.plan(1, 500, IN_FOLDER, LAUNCHED)).allSatisfy((fault) -> {
			assertThat(fault.duration()).isNotNegative();
			switch (fault.kind()) {
				case TAKEOVER -> assertThat(IN_FOLDER).contains(fault.target());
				case RESTART, STOP -> assertThat(LAUNCHED).contains(fault.target());
				case JUNK -> assertThat(fault.target()).isEqualTo(Fault.FOLDER);
				default -> assertThat(fault.target()).isNotEqualTo(Fault.FOLDER);
			}
		}).extracting(Fault::kind).contains(Fault.Kind.values());
	}

}
