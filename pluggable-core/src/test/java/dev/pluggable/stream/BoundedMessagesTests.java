package dev.pluggable.stream;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.google.protobuf.ByteString;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto.PullMessagesResponse;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link BoundedMessages}.
 */
class BoundedMessagesTests {

	private static final int LIMIT = 100_000;

	private final BoundedMessages<PullMessagesResponse> messages = BoundedMessages
		.of(PubSubGrpc.getPullMessagesMethod(), LIMIT);

	@Test
	void whenAMessageIsTooLargeThenOnlyItsSmallFieldsAreRead() {
		PullMessagesResponse message = message(LIMIT).toBuilder().putMetadata("k", "v").build();
		assertThat(this.messages.parse(uncompressed(message))).isEqualTo(message.toBuilder().clearData().build());
		assertThat(this.messages.tooLarge()).isEqualTo(message.getSerializedSize());
		PullMessagesResponse small = message(10);
		assertThat(this.messages.parse(uncompressed(small))).isEqualTo(small);
		assertThat(this.messages.tooLarge()).isZero();
	}

	@Test
	void whenAMessageIsExactlyAsLargeAsTheLimitThenItIsRead() {
		PullMessagesResponse message = message(LIMIT - (message(LIMIT - 100).getSerializedSize() - (LIMIT - 100)));
		assertThat(message.getSerializedSize()).isEqualTo(LIMIT);
		assertThat(this.messages.parse(uncompressed(message))).isEqualTo(message);
		assertThat(this.messages.tooLarge()).isZero();
	}

	@Test
	void whenACompressedMessageIsTooLargeThenItIsRefusedToo() {
		PullMessagesResponse message = message(LIMIT);
		assertThat(this.messages.parse(new ByteArrayInputStream(message.toByteArray())).getData()).isEmpty();
		assertThat(this.messages.tooLarge()).isEqualTo(message.getSerializedSize());
		assertThat(this.messages.parse(new ByteArrayInputStream(message(10).toByteArray()))).isEqualTo(message(10));
	}

	@Test
	void whenAMessageHasTooManySmallFieldsThenTheFirstMegabyteIsRead() {
		Map<String, String> metadata = IntStream.range(0, 40)
			.boxed()
			.collect(Collectors.toMap(String::valueOf, (i) -> "x".repeat(60_000)));
		PullMessagesResponse read = this.messages
			.parse(uncompressed(message(10).toBuilder().putAllMetadata(metadata).build()));
		assertThat(read.getSerializedSize()).isBetween(900_000, 1_048_576 + 1000);
	}

	@Test
	void whenAMessageHasMillionsOfEmptyFieldsThenTheFirstOnesAreRead() {
		// An empty field that the message does not know.
		byte[] bytes = new byte[4_000_000];
		for (int i = 0; i < bytes.length; i += 2) {
			bytes[i] = (15 << 3) | 2;
		}
		PullMessagesResponse read = this.messages.parse(new ByteArrayInputStream(bytes));
		assertThat(read.getUnknownFields().getField(15).getLengthDelimitedList()).hasSizeBetween(1000, 100_000);
	}

	@Test
	void whenALargeMessageIsMalformedThenTheCallFails() {
		byte[] bytes = new byte[LIMIT + 1];
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> this.messages.parse(new ByteArrayInputStream(bytes)));
	}

	@Test
	void whenMessagesAreNotThoseOfProtobufThenTheyAreLeftAlone() {
		assertThat(BoundedMessages.of(Texts.unary("test.Service", "Method"), LIMIT)).isNull();
		assertThat(BoundedMessages.of(PubSubGrpc.getPullMessagesMethod(), BoundedMessages.MAX_REFUSED)).isNull();
	}

	private static PullMessagesResponse message(int size) {
		return PullMessagesResponse.newBuilder()
			.setData(ByteString.copyFrom(new byte[size]))
			.setTopicName("orders")
			.setId("7")
			.build();
	}

	private static InputStream uncompressed(PullMessagesResponse message) {
		return PubSubGrpc.getPullMessagesMethod().streamResponse(message);
	}

}
