package dev.pluggable.internal.support;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
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
		this.mask.interceptCall(method(), CallOptions.DEFAULT, new EndingChannel(status, trailers))
			.start(new ClientCall.Listener<>() {

				@Override
				public void onClose(Status status, Metadata trailers) {
					ended.complete(new Ended(status, trailers));
				}

			}, new Metadata());
		return ended.join();
	}

	private static MethodDescriptor<byte[], byte[]> method() {
		MethodDescriptor.Marshaller<byte[]> bytes = new MethodDescriptor.Marshaller<>() {

			@Override
			public InputStream stream(byte[] value) {
				return new ByteArrayInputStream(value);
			}

			@Override
			public byte[] parse(InputStream stream) {
				return new byte[0];
			}

		};
		return MethodDescriptor.newBuilder(bytes, bytes)
			.setType(MethodDescriptor.MethodType.UNARY)
			.setFullMethodName("test.Service/Method")
			.build();
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

	/**
	 * A channel whose calls end at once.
	 */
	private static final class EndingChannel extends Channel {

		private final Status status;

		private final Metadata trailers;

		EndingChannel(Status status, Metadata trailers) {
			this.status = status;
			this.trailers = trailers;
		}

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			return new ClientCall<>() {

				@Override
				public void start(Listener<R> listener, Metadata headers) {
					listener.onClose(EndingChannel.this.status, EndingChannel.this.trailers);
				}

				@Override
				public void request(int count) {
				}

				@Override
				public void cancel(@Nullable String message, @Nullable Throwable cause) {
				}

				@Override
				public void halfClose() {
				}

				@Override
				public void sendMessage(Q message) {
				}

			};
		}

		@Override
		public String authority() {
			return "test";
		}

	}

}
