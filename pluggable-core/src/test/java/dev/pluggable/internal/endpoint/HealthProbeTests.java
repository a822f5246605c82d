package dev.pluggable.internal.endpoint;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

import dev.pluggable.ProbeResult;
import dev.pluggable.internal.support.SecretMask;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the reports of {@link HealthProbe}.
 */
class HealthProbeTests {

	private static ProbeResult report(Map<String, String> parts) {
		return HealthProbe.report(parts, new SecretMask(Map.of("password", "hunter2hunter2")), Instant.EPOCH);
	}

	@Test
	void whenAPartFailsBehindManyOthersThenTheComponentIsDown() {
		Map<String, String> parts = new TreeMap<>();
		for (int i = 0; i < 1000; i++) {
			parts.put("a" + i, "");
		}
		parts.put("z", "broken");
		ProbeResult result = report(parts);
		assertThat(result.health()).isEqualTo(ProbeResult.Health.DOWN);
		assertThat(result.detail()).isEqualTo("health report: z: broken");
		assertThat(result.parts()).hasSize(100).containsEntry("z", "broken");
	}

	@Test
	void whenAPartWithAMalformedNameFailsThenTheComponentIsDown() {
		assertThat(report(Map.of("x".repeat(300), "broken")).health()).isEqualTo(ProbeResult.Health.DOWN);
		assertThat(report(Map.of("a\nb", "broken")).detail()).isEqualTo("health report: a?b: broken");
		assertThat(report(Map.of("", "broken")).health()).isEqualTo(ProbeResult.Health.DOWN);
	}

	@Test
	void whenAFailureIsLongThenNoPartOfASecretIsTold() {
		ProbeResult result = report(Map.of("part", "x".repeat(190) + "hunter2hunter2"));
		assertThat(result.detail()).doesNotContain("hunter");
		assertThat(result.parts().toString()).doesNotContain("hunter");
	}

	@Test
	void whenNoPartFailsThenTheComponentIsUp() {
		assertThat(report(Map.of("part", "")).health()).isEqualTo(ProbeResult.Health.UP);
		assertThat(report(Map.of()).parts()).isEmpty();
	}

}
