package dev.pluggable.stream;

import dev.pluggable.fixtures.LogCapture;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HandlerFailureLog}.
 */
class HandlerFailureLogTests {

	private final HandlerFailureLog failures = new HandlerFailureLog(
			LoggerFactory.getLogger(HandlerFailureLogTests.class));

	private void fail(int place) {
		IllegalStateException failure = new IllegalStateException("broken");
		failure.setStackTrace(
				new StackTraceElement[] { new StackTraceElement("Handler", "handle", "Handler.java", place) });
		this.failures.log("it failed", failure, new byte[0]);
	}

	@Test
	void whenAFailureIsOfAKnownKindThenTheLineSaysSo() {
		try (LogCapture log = new LogCapture()) {
			fail(1);
			fail(1);
			assertThat(log.text()).contains("IllegalStateException: broken")
				.contains("it failed (as logged before: java.lang.IllegalStateException at Handler.handle");
		}
	}

	@Test
	void whenThereAreTooManyKindsThenNoLineSaysThatANewOneWasLoggedBefore() {
		for (int i = 0; i < 100; i++) {
			fail(i);
		}
		try (LogCapture log = new LogCapture()) {
			fail(100);
			assertThat(log.text()).contains("it failed (java.lang.IllegalStateException at Handler.handle")
				.doesNotContain("as logged before");
		}
	}

}
