package dev.pluggable;

import java.nio.channels.ClosedChannelException;
import java.util.List;

import io.grpc.Status;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CallFailure}.
 */
class CallFailureTests {

	private static PluggableException exception(Status status) {
		return new CallFailure("bus", "pubsub", "Publish", status.getCode(), "channel closed", List.of(), null,
				status.asRuntimeException())
			.toException();
	}

	@Test
	void whenConnectionEndsWhileItIsWrittenToThenComponentIsUnavailable() {
		Status status = Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
		assertThat(exception(status)).isInstanceOfSatisfying(ComponentUnavailableException.class,
				(ex) -> assertThat(ex.mayHaveBeenApplied()).isTrue());
	}

	@Test
	void whenComponentSaysUnknownThenItHasFailed() {
		assertThat(exception(Status.UNKNOWN.withDescription("channel closed")))
			.isExactlyInstanceOf(ComponentException.class);
	}

}
