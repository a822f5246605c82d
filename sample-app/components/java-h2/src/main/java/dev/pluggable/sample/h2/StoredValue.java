package dev.pluggable.sample.h2;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Map;

import dev.pluggable.state.StateItem;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/**
 * The value of a key with the fields that are stored beside it.
 *
 * @param value the value; no other object has the array
 * @param version number of the write; no two writes have the same number
 * @param expiresAt when the value expires, in milliseconds since 1970; 0 if it does not
 * @param contentType media type of the value, empty if not known
 */
record StoredValue(byte[] value, long version, long expiresAt, String contentType) {

	String etag() {
		return Long.toString(this.version);
	}

	boolean expires() {
		return this.expiresAt != 0;
	}

	boolean isLive(Instant now) {
		return !expires() || this.expiresAt > now.toEpochMilli();
	}

	StateItem toItem(String key) {
		Map<String, String> metadata = expires()
				? Map.of("ttlExpireTime", DateTimeFormatter.ISO_INSTANT.format(Instant.ofEpochMilli(this.expiresAt)))
				: Map.of();
		return new StateItem(key, this.value.clone(), etag(), this.contentType.isEmpty() ? null : this.contentType,
				metadata);
	}

	/**
	 * Writes values to the file and reads them.
	 */
	static final class Type extends BasicDataType<StoredValue> {

		static final Type INSTANCE = new Type();

		/** Approximate size of the objects and references beside the bytes. */
		private static final int OVERHEAD = 80;

		private Type() {
		}

		@Override
		public int getMemory(StoredValue stored) {
			return OVERHEAD + stored.value.length + 2 * stored.contentType.length();
		}

		@Override
		public void write(WriteBuffer buffer, StoredValue stored) {
			buffer.putVarLong(stored.version).putVarLong(stored.expiresAt);
			int length = stored.contentType.length();
			buffer.putVarInt(length).putStringData(stored.contentType, length);
			buffer.putVarInt(stored.value.length).put(stored.value);
		}

		@Override
		public StoredValue read(ByteBuffer buffer) {
			long version = DataUtils.readVarLong(buffer);
			long expiresAt = DataUtils.readVarLong(buffer);
			String contentType = DataUtils.readString(buffer);
			byte[] value = new byte[DataUtils.readVarInt(buffer)];
			buffer.get(value);
			return new StoredValue(value, version, expiresAt, contentType);
		}

		@Override
		public StoredValue[] createStorage(int size) {
			return new StoredValue[size];
		}

	}

}
