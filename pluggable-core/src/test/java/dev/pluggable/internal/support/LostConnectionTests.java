package dev.pluggable.internal.support;

import java.nio.channels.ClosedChannelException;

import io.grpc.Status;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LostConnection}.
 */
class LostConnectionTests {

	@Test
	void whenAConnectionHasEndedThenItIsTheReasonInAllItsWords() {
		assertThat(LostConnection.isReason(Status.UNAVAILABLE)).isTrue();
		assertThat(LostConnection.isReason(Status.CANCELLED.withDescription("RST_STREAM closed stream"))).isTrue();
		assertThat(LostConnection.isReason(Status.UNKNOWN.withCause(new ClosedChannelException()))).isTrue();
	}

	@Test
	void whenSomethingElseHasHappenedThenItIsNot() {
		assertThat(LostConnection.isReason(Status.OK)).isFalse();
		assertThat(LostConnection.isReason(Status.CANCELLED)).isFalse();
		assertThat(LostConnection.isReason(Status.CANCELLED.withDescription("by the caller"))).isFalse();
		assertThat(LostConnection.isReason(Status.UNKNOWN.withDescription("RST_STREAM"))).isFalse();
		assertThat(LostConnection.isReason(Status.UNKNOWN.withCause(new IllegalStateException()))).isFalse();
		assertThat(LostConnection.isReason(Status.INTERNAL.withCause(new ClosedChannelException()))).isFalse();
	}

}
