package dev.pluggable.internal.supervisor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LineSplitter}.
 */
class LineSplitterTests {

	private final List<String> lines = new ArrayList<>();

	private final List<Runnable> delayed = new ArrayList<>();

	private final LineSplitter splitter = new LineSplitter(
			(text, cut) -> this.lines.add(cut ? text.length() + " and more" : text),
			(delay, task) -> this.delayed.add(task));

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3, 7, 100 })
	void whenBytesComeInPiecesOfAnySizeThenTheLinesAreTheSame(int size) {
		byte[] bytes = "one\r\n\ntwo äöü €\n🙂 three\nlast".getBytes(StandardCharsets.UTF_8);
		for (int from = 0; from < bytes.length; from += size) {
			byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size));
			this.splitter.append(piece, piece.length);
		}
		assertThat(this.lines).containsExactly("one", "", "two äöü €", "🙂 three");
		this.splitter.end();
		assertThat(this.lines).last().isEqualTo("last");
	}

	@Test
	void whenBytesAreNotUtf8ThenTheyAreReplaced() {
		this.splitter.append(new byte[] { 'a', (byte) 0xff, 'b', '\n' }, 4);
		assertThat(this.lines).containsExactly("a\uFFFDb");
	}

	@Test
	void whenALineHasTheMostBytesThenItIsWhole() {
		append("x".repeat(LineSplitter.MAX_BYTES) + "\nnext\n");
		assertThat(this.lines).containsExactly("x".repeat(LineSplitter.MAX_BYTES), "next");
	}

	@Test
	void whenALineIsLongerThenItIsCutAtOnceAndItsRestIsDropped() {
		append("x".repeat(LineSplitter.MAX_BYTES + 1));
		assertThat(this.lines).containsExactly("65536 and more");
		append("y".repeat(10 * LineSplitter.MAX_BYTES));
		append("z\nnext\n");
		assertThat(this.lines).containsExactly("65536 and more", "next");
	}

	@Test
	void whenALongLineEndsWithTheStreamThenNothingIsAdded() {
		append("x".repeat(LineSplitter.MAX_BYTES + 1));
		this.splitter.end();
		assertThat(this.lines).containsExactly("65536 and more");
	}

	@Test
	void whenTheRestOfALineDoesNotComeWithinAMomentThenItsBeginningIsALine() {
		append("done\nPassword: ");
		assertThat(this.lines).containsExactly("done");
		aMomentPasses();
		assertThat(this.lines).containsExactly("done", "Password: ");
		append("accepted\n");
		aMomentPasses();
		assertThat(this.lines).containsExactly("done", "Password: ", "accepted");
	}

	@Test
	void whenTheRestOfALineIsOnItsWayThenTheLineStaysWhole() {
		append("one ");
		append("two ");
		aMomentPasses();
		append("three\n");
		aMomentPasses();
		assertThat(this.lines).containsExactly("one two three");
		assertThat(this.delayed).isEmpty();
	}

	private void aMomentPasses() {
		List<Runnable> due = List.copyOf(this.delayed);
		this.delayed.clear();
		due.forEach(Runnable::run);
	}

	private void append(String text) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		this.splitter.append(bytes, bytes.length);
	}

}
