package dev.pluggable.internal.support;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;

import io.grpc.Status;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FailureCause}.
 */
class FailureCauseTests {

	@Test
	void whenAConnectionFailsThenTheCauseAtTheBottomIsTold() {
		Status failed = Status.UNAVAILABLE.withDescription("io exception");
		assertThat(describe(failed, new ConnectException("Connection refused: /x.sock")))
			.isEqualTo("io exception (connection refused: nobody listens)");
		assertThat(describe(failed, new FileNotFoundException()))
			.isEqualTo("io exception (the socket does not exist any more)");
		assertThat(describe(failed, new ClosedChannelException()))
			.isEqualTo("io exception (the connection was closed)");
		assertThat(describe(failed, new IOException("outer", new IOException("Broken pipe"))))
			.isEqualTo("io exception (Broken pipe)");
		assertThat(describe(failed, new RequestNotSentException(new ConnectException("Connection refused: /x.sock"))))
			.isEqualTo("io exception (connection refused: nobody listens)");
		assertThat(describe(failed, new IllegalStateException())).isEqualTo("io exception (IllegalStateException)");
	}

	@Test
	void whenTheDescriptionTellsTheCauseThenItIsNotRepeated() {
		assertThat(
				describe(Status.UNAVAILABLE.withDescription("because of Broken pipe"), new IOException("Broken pipe")))
			.isEqualTo("because of Broken pipe");
		assertThat(FailureCause.describe(Status.UNAVAILABLE)).isEmpty();
		assertThat(describe(Status.UNAVAILABLE, new RequestNotSentException(null))).isEmpty();
		assertThat(FailureCause.of(null)).isNull();
	}

	private static String describe(Status status, Throwable cause) {
		return FailureCause.describe(status.withCause(cause));
	}

}
