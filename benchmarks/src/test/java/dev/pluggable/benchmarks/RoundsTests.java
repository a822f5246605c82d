package dev.pluggable.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RoundsTests {

	@Test
	void whenSidesTakeTurnsThenTheirOrderAlternates() throws Exception {
		List<String> order = new ArrayList<>();
		Rounds<Double> rounds = new Rounds<>();
		for (String side : List.of("a", "b")) {
			rounds.add(side, () -> {
				order.add(side);
				return 1.0;
			});
		}
		rounds.run(new Scale(true, 3, Duration.ZERO, Duration.ZERO));
		assertThat(String.join("", order)).isEqualTo("ab" + "ab" + "ba" + "ab");
	}

	@Test
	void whenOneIsSlowerInEachRoundThenTheRatioSaysSo() throws Exception {
		double[] mood = { 1 };
		Rounds<Double> rounds = new Rounds<>();
		rounds.add("base", () -> {
			mood[0] *= 10;
			return mood[0];
		});
		rounds.add("slow", () -> mood[0] * 1.5);
		rounds.measureOnce();
		assertThat(rounds.ratio("slow", "base", (value) -> value).median()).isEqualTo(1.5);
	}

	@Test
	void whenFiguresAreSpreadThenQuartilesAreGiven() {
		assertThat(Spread.of(5, 1, 4, 2, 3)).isEqualTo(new Spread(3, 2, 4));
		assertThat(Spread.of(1, 2)).isEqualTo(new Spread(1.5, 1.25, 1.75));
	}

}
