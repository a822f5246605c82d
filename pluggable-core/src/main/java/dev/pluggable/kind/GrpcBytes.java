package dev.pluggable.kind;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * Passes values between arrays and messages without copying them where that is possible.
 * <p>
 * Internal: public for the kinds of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class GrpcBytes {

	private GrpcBytes() {
	}

	/**
	 * Make an array part of a message.
	 * @param bytes the array, not copied
	 * @return the same bytes
	 */
	public static ByteString wrap(byte[] bytes) {
		return UnsafeByteOperations.unsafeWrap(bytes);
	}

	/**
	 * Take the bytes out of a message.
	 * @param bytes the bytes
	 * @return the array behind them if it holds nothing else, otherwise a copy
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
	 * Keeps the array that is offered to it if it is the whole of the bytes.
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
