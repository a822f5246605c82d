package dev.pluggable.internal.support;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StatusLimit}.
 */
class StatusLimitTests {

	private static final Metadata.Key<String> NOTE = Metadata.Key.of("note", Metadata.ASCII_STRING_MARSHALLER);

	@Test
	void whenTrailersAreLeftOutThenAMissingDescriptionStaysMissing() {
		Metadata trailers = new Metadata();
		trailers.put(NOTE, "x".repeat(100_000));
		StatusRuntimeException fitted = StatusLimit.fit(Status.NOT_FOUND.asRuntimeException(trailers));
		assertThat(fitted.getStatus()).isEqualTo(Status.NOT_FOUND);
		assertThat(fitted.getTrailers().keys()).isEmpty();
	}

}
