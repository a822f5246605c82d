package dev.pluggable.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Unanswered}.
 */
class UnansweredTests {

	private final Unanswered<String> unanswered = new Unanswered<>(2);

	private Unanswered.Expected<String> expect() throws InterruptedException {
		return this.unanswered.expect(Duration.ZERO);
	}

	@Test
	void whenAllPlacesAreTakenThenAnAnswerFreesOne() throws InterruptedException {
		Unanswered.Expected<String> first = expect();
		Unanswered.Expected<String> second = expect();
		assertThat(first.id()).isNotEqualTo(second.id());
		assertThat(expect()).isNull();
		assertThat(this.unanswered.take(first.id())).isSameAs(first.answer());
		assertThat(this.unanswered.take(first.id())).isNull();
		assertThat(expect()).isNotNull();
		assertThat(expect()).isNull();
	}

	@Test
	void whenTheSenderGivesUpThenThePlaceIsFreeOnce() throws InterruptedException {
		Unanswered.Expected<String> first = expect();
		expect();
		first.answer().cancel(false);
		assertThat(this.unanswered.take(first.id())).isNull();
		assertThat(expect()).isNotNull();
		assertThat(expect()).isNull();
	}

	@Test
	void whenAllAreTakenThenEachIsCompletedAndAllPlacesAreFree() throws InterruptedException {
		List<Unanswered.Expected<String>> expected = new ArrayList<>(List.of(expect(), expect()));
		this.unanswered.takeAll((answer) -> answer.complete("back"));
		assertThat(expected).allSatisfy((one) -> assertThat(one.answer()).isCompletedWithValue("back"));
		assertThat(expect()).isNotNull();
		assertThat(expect()).isNotNull();
		assertThat(expect()).isNull();
	}

	@Test
	void whenThereAreSeveralStreamsThenIdsDiffer() throws InterruptedException {
		assertThat(new Unanswered<String>(1).expect(Duration.ZERO).id()).isNotEqualTo(expect().id());
	}

}
