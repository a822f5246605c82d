package dev.pluggable.spring.health;

import java.util.Map;

import dev.pluggable.ProbeResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HealthDetails}.
 */
class HealthDetailsTests {

	@Test
	void whenAComponentReportsItsPartsThenTheyAreATree() {
		ProbeResult probe = new ProbeResult(ProbeResult.Health.DOWN, "health report: relayer.chain: lost", null,
				Map.of("relayer", "", "relayer.chain", "lost", "median.plugin", "", "...", ""));
		assertThat(new HealthDetails().with(probe).asMap().get("probe")).isEqualTo(
				Map.of("health", ProbeResult.Health.DOWN, "detail", "health report: relayer.chain: lost", "parts",
						Map.of("relayer",
								Map.of("health", ProbeResult.Health.UP, "parts",
										Map.of("chain", Map.of("health", ProbeResult.Health.DOWN, "detail", "lost"))),
								"median", Map.of("parts", Map.of("plugin", Map.of("health", ProbeResult.Health.UP))))));
	}

	@Test
	void whenAComponentReportsNoPartsThenThereIsNoTree() {
		assertThat(new HealthDetails().with(new ProbeResult(ProbeResult.Health.UP, null, null)).asMap())
			.isEqualTo(Map.of("probe", Map.of("health", ProbeResult.Health.UP)));
	}

}
