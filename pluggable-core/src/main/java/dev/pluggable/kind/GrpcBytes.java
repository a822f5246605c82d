package dev.pluggable.kind;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * Converts byte arrays into fields of messages and back, without a copy where that is
 * possible. The caller must not change an array while a message contains it. <pre>{@code
 * Reading reading = Reading.newBuilder().setImage(GrpcBytes.wrap(image)).build();
 * byte[] image = GrpcBytes.unwrap(reading.getImage());
 * }</pre>
 * <p>
 * All methods are safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class GrpcBytes {

	private GrpcBytes() {
	}

	/**
	 * Make an array a field of a message.
	 * @param bytes the array, which is not copied
	 * @return the same bytes
	 */
	public static ByteString wrap(byte[] bytes) {
		return UnsafeByteOperations.unsafeWrap(bytes);
	}

	/**
	 * Get the bytes of a field.
	 * @param bytes the bytes
	 * @return the array behind the bytes if it contains nothing else, otherwise a copy
	 */
	public static byte[] unwrap(ByteString bytes) {
		WholeArray output = new WholeArray(bytes.size());
		try {
			UnsafeByteOperations.unsafeWriteTo(bytes, output);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		byte[] array = output.array;
		return (array != null) ? array : bytes.toByteArray();
	}

	/**
	 * Keeps an offered array that consists of all the bytes and nothing else.
	 */
	private static final class WholeArray extends ByteOutput {

		private final int size;

		private byte @Nullable [] array;

		private WholeArray(int size) {
			this.size = size;
		}

		@Override
		public void writeLazy(byte[] value, int offset, int length) {
			if (offset == 0 && length == value.length && length == this.size) {
				this.array = value;
			}
		}

		@Override
		public void write(byte value) {
		}

		@Override
		public void write(byte[] value, int offset, int length) {
		}

		@Override
		public void write(ByteBuffer value) {
		}

		@Override
		public void writeLazy(ByteBuffer value) {
		}

	}

}
