package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.pluggable.fixtures.FakeHostThread;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Admission}.
 */
class AdmissionTests {

	private final FakeHostThread host = new FakeHostThread();

	private final Admission admission = new Admission(this.host.thread(), 2);

	private final List<String> begun = new ArrayList<>();

	private Admission.Entry enter(String name, Admission.Priority priority) {
		return this.admission.enter(priority, () -> this.begun.add(name));
	}

	@Test
	void whenAllPlacesAreTakenThenOthersWaitUntilOneIsFree() {
		List<Admission.Entry> entries = new ArrayList<>();
		this.host.run(() -> {
			for (int i = 0; i < 4; i++) {
				entries.add(enter("endpoint " + i, Admission.Priority.DISCOVERED));
			}
			this.admission.admit();
		});
		assertThat(this.begun).containsExactly("endpoint 0", "endpoint 1");
		assertThat(entries.get(2).waits()).isTrue();
		this.host.run(entries.get(1)::close);
		this.host.run(entries.get(1)::close);
		this.host.runDue();
		assertThat(this.begun).containsExactly("endpoint 0", "endpoint 1", "endpoint 2");
	}

	@Test
	void whenManyWaitThenRequiredOnesComeFirstAndDeclaredOnesNext() {
		this.host.run(() -> {
			enter("first", Admission.Priority.DISCOVERED);
			enter("second", Admission.Priority.DISCOVERED);
			this.admission.admit();
			enter("discovered", Admission.Priority.DISCOVERED);
			enter("declared", Admission.Priority.DECLARED);
			enter("required", Admission.Priority.REQUIRED);
			this.admission.admit();
		});
		this.host.advance(Duration.ofSeconds(2));
		assertThat(this.begun).containsExactly("first", "second", "required", "declared", "discovered");
	}

	@Test
	void whenWorkTakesLongThenOthersAreNotHeldUp() {
		this.host.run(() -> {
			for (int i = 0; i < 3; i++) {
				enter("endpoint " + i, Admission.Priority.DISCOVERED);
			}
			this.admission.admit();
		});
		this.host.advance(Duration.ofMillis(499));
		assertThat(this.begun).hasSize(2);
		this.host.advance(Duration.ofMillis(1));
		this.host.runDue();
		assertThat(this.begun).hasSize(3);
	}

	@Test
	void whenAWaitIsGivenUpThenItsWorkNeverBegins() {
		List<Admission.Entry> entries = new ArrayList<>();
		this.host.run(() -> {
			for (int i = 0; i < 4; i++) {
				entries.add(enter("endpoint " + i, Admission.Priority.DISCOVERED));
			}
			this.admission.admit();
			entries.get(2).close();
		});
		this.host.advance(Duration.ofSeconds(1));
		this.host.runDue();
		assertThat(this.begun).containsExactly("endpoint 0", "endpoint 1", "endpoint 3");
	}

}
