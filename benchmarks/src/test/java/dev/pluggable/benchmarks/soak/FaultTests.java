package dev.pluggable.benchmarks.soak;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FaultTests {

	private static final Map<Fault.Kind, List<String>> TARGETS = Map.of(Fault.Kind.KILL, List.of("a", "b", "p"),
			Fault.Kind.RESTART, List.of("p"), Fault.Kind.AGE, List.of("a", "p"), Fault.Kind.JUNK,
			List.of(Fault.FOLDER));

	@Test
	void whenTheSeedIsTheSameThenThePlanIsTheSame() {
		List<Fault> plan = Fault.plan(42, 100, TARGETS);
		assertThat(Fault.plan(42, 100, new TreeMap<>(TARGETS))).isEqualTo(plan);
		assertThat(Fault.plan(43, 100, TARGETS)).isNotEqualTo(plan);
	}

	@Test
	void whenAPlanIsLongThenEachKindOccursOnItsTargetsOnly() {
		assertThat(Fault.plan(1, 500, TARGETS)).allSatisfy((fault) -> {
			assertThat(fault.duration()).isNotNegative();
			assertThat(TARGETS.get(fault.kind())).contains(fault.target());
		}).extracting(Fault::kind).hasSameElementsAs(TARGETS.keySet());
	}

}
