package dev.pluggable.internal.support;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.grpc.ClientCall;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StatusMask}.
 */
class StatusMaskTests {

	private static final Metadata.Key<String> NOTE = Metadata.Key.of("note", Metadata.ASCII_STRING_MARSHALLER);

	private static final Metadata.Key<byte[]> DETAILS = Metadata.Key.of("details-bin", Metadata.BINARY_BYTE_MARSHALLER);

	private final StatusMask mask = new StatusMask(new SecretMask(Map.of("password", "hunter2")));

	private Ended call(Status status, Metadata trailers) {
		CompletableFuture<Ended> ended = new CompletableFuture<>();
		this.mask.close(new ClientCall.Listener<>() {

			@Override
			public void onClose(Status status, Metadata trailers) {
				ended.complete(new Ended(status, trailers));
			}

		}, status, trailers);
		return ended.join();
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	@Test
	void whenACallFailsThenStatusAndTrailersAreMasked() {
		Metadata trailers = new Metadata();
		trailers.put(NOTE, "it was hunter2");
		trailers.put(DETAILS, bytes("hunter2!"));
		Ended ended = call(Status.INTERNAL.withDescription("no hunter2"), trailers);
		assertThat(ended.status().getDescription()).isEqualTo("no ******");
		assertThat(ended.trailers().get(NOTE)).isEqualTo("it was ******");
		assertThat(ended.trailers().get(DETAILS)).isEqualTo(bytes("*******!"));
	}

	@Test
	void whenAComponentHasCutTheTextInASecretThenTheBeginningOfTheSecretIsMasked() {
		// 8192 bytes are the usual limit, of which other entries need 512.
		String text = "x".repeat(8192 - 512 - StatusLimit.CUT.length() - "hunter".length()) + "hunter2 is wrong";
		Status cut = StatusLimit.fit(Status.INTERNAL.withDescription(text).asRuntimeException()).getStatus();
		assertThat(cut.getDescription()).endsWith("xhunter...");
		assertThat(call(cut, new Metadata()).status().getDescription()).endsWith("x******...");
		assertThat(call(Status.INTERNAL.withDescription("Loading..."), new Metadata()).status().getDescription())
			.isEqualTo("Loading...");
	}

	@Test
	void whenTrailersHaveNamesThatGrpcDoesNotAllowThenTheCallEndsNevertheless() {
		Metadata trailers = InternalMetadata.newMetadata(bytes(":status"), bytes("404"), bytes("x!y"), bytes("hunter2"),
				bytes("note"), bytes("hunter2"));
		Ended ended = call(Status.UNKNOWN, trailers);
		assertThat(ended.trailers().keys()).containsExactly("note");
		assertThat(ended.trailers().get(NOTE)).isEqualTo("******");
	}

	@Test
	void whenATrailerHasASecretInItsNameThenTheTrailerIsLeftOut() {
		Metadata trailers = InternalMetadata.newMetadata(bytes("x-hunter2"), bytes("1"), bytes("note"), bytes("2"));
		assertThat(call(Status.UNKNOWN, trailers).trailers().keys()).containsExactly("note");
	}

	@Test
	void whenACallSucceedsThenItsTrailersArePassedOn() {
		Metadata trailers = new Metadata();
		assertThat(call(Status.OK, trailers).trailers()).isSameAs(trailers);
	}

	private record Ended(Status status, Metadata trailers) {

	}

}
