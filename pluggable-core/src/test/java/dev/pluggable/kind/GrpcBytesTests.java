package dev.pluggable.kind;

import java.nio.ByteBuffer;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.pluggable.proto.components.v1.StateProto;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class GrpcBytesTests {

	@Test
	void whenWrappedThenUnwrapGivesTheSameArray() {
		byte[] array = { 1, 2, 3 };
		assertThat(GrpcBytes.unwrap(GrpcBytes.wrap(array))).isSameAs(array);
	}

	@Test
	void whenParsedThenUnwrapGivesTheArrayOfTheMessage() throws Exception {
		byte[] wire = StateProto.GetResponse.newBuilder()
			.setData(ByteString.copyFromUtf8("text"))
			.build()
			.toByteArray();
		ByteString parsed = StateProto.GetResponse.parseFrom(wire).getData();
		assertThat(GrpcBytes.unwrap(parsed)).isSameAs(GrpcBytes.unwrap(parsed)).containsExactly('t', 'e', 'x', 't');
	}

	@Test
	void whenPartOfAnArrayThenUnwrapCopies() {
		byte[] array = { 1, 2, 3, 4 };
		assertThat(GrpcBytes.unwrap(GrpcBytes.wrap(array).substring(1, 3))).containsExactly(2, 3);
		assertThat(GrpcBytes.unwrap(UnsafeByteOperations.unsafeWrap(array, 0, 2))).containsExactly(1, 2);
		assertThat(GrpcBytes.unwrap(GrpcBytes.wrap(array).substring(0, 3))).containsExactly(1, 2, 3);
	}

	@Test
	void whenSeveralPiecesThenUnwrapCopiesAllOfThem() {
		byte[] half = new byte[1000];
		half[999] = 7;
		ByteString rope = GrpcBytes.wrap(half).concat(GrpcBytes.wrap(half));
		assertThat(GrpcBytes.unwrap(rope)).hasSize(2000).endsWith(7).isEqualTo(rope.toByteArray());
	}

	@Test
	void whenBehindABufferThenUnwrapCopies() {
		ByteBuffer buffer = ByteBuffer.allocateDirect(2).put(0, (byte) 5).put(1, (byte) 6);
		assertThat(GrpcBytes.unwrap(UnsafeByteOperations.unsafeWrap(buffer))).containsExactly(5, 6);
	}

	@Test
	void whenEmptyThenUnwrapGivesAnEmptyArray() {
		assertThat(GrpcBytes.unwrap(ByteString.EMPTY)).isEmpty();
	}

}
