package dev.pluggable.stream;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of one call. Of a message that is too large, it reads the small
 * fields only, such as the id, so that the message can be refused. gRPC itself would end
 * the call. Belongs to the thread that receives the messages.
 *
 * @param <R> the messages that the component sends
 */
final class BoundedMessages<R> implements MethodDescriptor.Marshaller<R> {

	/**
	 * The largest message that can be refused, in bytes: gRPC keeps the whole message in
	 * memory before it is read. A larger one ends the call.
	 */
	static final int MAX_REFUSED = 64 * 1024 * 1024;

	/**
	 * The largest field that is small, in bytes.
	 */
	private static final int SMALL = 64 * 1024;

	/**
	 * The limit of all small fields of a message together, in bytes.
	 */
	private static final int ALL_SMALL = 1024 * 1024;

	/**
	 * What a field costs in addition to its bytes: an empty one needs memory, too.
	 */
	private static final int FIELD = 16;

	private static final Set<Integer> KEPT = Set.of(WireFormat.WIRETYPE_VARINT, WireFormat.WIRETYPE_FIXED32,
			WireFormat.WIRETYPE_FIXED64, WireFormat.WIRETYPE_LENGTH_DELIMITED);

	private final MethodDescriptor.Marshaller<R> messages;

	private final int limit;

	/** The size of the last message if it is too large, otherwise 0. */
	private int tooLarge;

	private BoundedMessages(MethodDescriptor.Marshaller<R> messages, int limit) {
		this.messages = messages;
		this.limit = limit;
	}

	/**
	 * Create a reader.
	 * @param method the method of the call
	 * @param limit the size of the largest message that is read, {@code null} for gRPC's
	 * default
	 * @return the reader, {@code null} if the messages are not those of protobuf
	 */
	static <R> @Nullable BoundedMessages<R> of(MethodDescriptor<?, R> method, @Nullable Integer limit) {
		boolean protobuf = method
			.getResponseMarshaller() instanceof MethodDescriptor.ReflectableMarshaller<?> reflectable
				&& MessageLite.class.isAssignableFrom(reflectable.getMessageClass());
		return (protobuf && limit != null && limit < MAX_REFUSED)
				? new BoundedMessages<>(method.getResponseMarshaller(), limit) : null;
	}

	int limit() {
		return this.limit;
	}

	/**
	 * The size of the message that was read last, if the message is too large.
	 * @return the size in bytes, 0 if the message was read completely
	 */
	int tooLarge() {
		return this.tooLarge;
	}

	@Override
	public InputStream stream(R value) {
		return this.messages.stream(value);
	}

	@Override
	public R parse(InputStream stream) {
		try {
			InputStream bytes = (stream instanceof KnownLength) ? stream
					: new ByteArrayInputStream(stream.readAllBytes());
			int size = bytes.available();
			this.tooLarge = (size > this.limit) ? size : 0;
			return this.messages.parse((this.tooLarge > 0) ? smallFields(bytes) : bytes);
		}
		catch (IOException ex) {
			throw Status.INTERNAL.withDescription("Invalid protobuf byte sequence").withCause(ex).asRuntimeException();
		}
	}

	private static InputStream smallFields(InputStream stream) throws IOException {
		CodedInputStream input = CodedInputStream.newInstance(stream);
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		CodedOutputStream output = CodedOutputStream.newInstance(bytes);
		int left = ALL_SMALL;
		for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
			int wireType = WireFormat.getTagWireType(tag);
			boolean bytesFollow = wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED;
			int length = bytesFollow ? input.readRawVarint32() : Long.BYTES;
			boolean small = length <= SMALL && length + FIELD <= left && KEPT.contains(wireType);
			if (!small) {
				skip(input, tag, bytesFollow, length);
				continue;
			}
			left -= length + FIELD;
			output.writeUInt32NoTag(tag);
			switch (wireType) {
				case WireFormat.WIRETYPE_VARINT -> output.writeUInt64NoTag(input.readRawVarint64());
				case WireFormat.WIRETYPE_FIXED32 -> output.writeFixed32NoTag(input.readRawLittleEndian32());
				case WireFormat.WIRETYPE_FIXED64 -> output.writeFixed64NoTag(input.readRawLittleEndian64());
				default -> {
					output.writeUInt32NoTag(length);
					output.writeRawBytes(input.readRawBytes(length));
				}
			}
		}
		output.flush();
		return new ByteArrayInputStream(bytes.toByteArray());
	}

	private static void skip(CodedInputStream input, int tag, boolean bytesFollow, int length) throws IOException {
		if (bytesFollow) {
			input.skipRawBytes(length);
		}
		else {
			input.skipField(tag);
		}
	}

}
