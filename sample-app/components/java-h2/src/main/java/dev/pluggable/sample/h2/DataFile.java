package dev.pluggable.sample.h2;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import dev.pluggable.ComponentException;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;

/**
 * A file with the values of a component. A {@link #commit()} writes all changes since the
 * commit before, or none of them: nothing is written in between, whatever the size of the
 * changes. One thread changes the file, many threads read it.
 * <p>
 * A commit is forced to the disk, so it survives the end of the process at any point. It
 * also survives a loss of power, with one exception that lies in H2's format: H2
 * recognizes an incomplete commit by its first and last bytes. If a disk writes the
 * blocks of one commit out of order and loses power before it has written the blocks in
 * the middle, the commit looks complete and is not. No caller was told that this commit
 * succeeded.
 */
final class DataFile implements AutoCloseable {

	/**
	 * How long H2 leaves free space untouched. Each commit is forced to the disk, so
	 * nobody needs an earlier commit once there is a later one, and H2's default of 45 s
	 * is longer than necessary.
	 */
	private static final int RETENTION_MILLIS = 5000;

	private static final int COMPACTION_FILL_RATE = 50;

	private static final int COMPACTION_BYTES = 4 * 1024 * 1024;

	private static final int SHRINK_MILLIS = 1000;

	private static final String VERSION = "version";

	private final Path file;

	private final MVStore store;

	private final MVMap<String, StoredValue> values;

	private final MVMap<String, Long> expiries;

	private final MVMap<String, Long> counters;

	private DataFile(Path file, MVStore store) {
		this.file = file;
		this.store = store;
		this.values = store.openMap("values", new MVMap.Builder<String, StoredValue>().keyType(StringDataType.INSTANCE)
			.valueType(StoredValue.Type.INSTANCE));
		this.expiries = store.openMap("expiries", longs());
		this.counters = store.openMap("counters", longs());
	}

	private static MVMap.Builder<String, Long> longs() {
		return new MVMap.Builder<String, Long>().keyType(StringDataType.INSTANCE).valueType(LongDataType.INSTANCE);
	}

	/**
	 * Open a file, and create it if it does not exist.
	 * @param file the file, in a folder that exists
	 * @return the file, to be closed by the caller
	 * @throws ComponentException if the file cannot be used
	 */
	static DataFile open(Path file) {
		if (Files.exists(file) && (!Files.isRegularFile(file) || !Files.isWritable(file))) {
			throw new ComponentException("'" + file + "' is not a file that can be written", (Throwable) null);
		}
		MVStore store;
		try {
			// With any other buffer size, H2 commits by itself in the middle of a large
			// transaction.
			store = new MVStore.Builder().fileName(file.toString()).autoCommitDisabled().autoCommitBufferSize(0).open();
		}
		catch (MVStoreException ex) {
			throw new ComponentException(explain(file, ex), ex);
		}
		try {
			store.setRetentionTime(RETENTION_MILLIS);
			DataFile opened = new DataFile(file, store);
			opened.commit();
			Path folder = file.toAbsolutePath().getParent();
			if (folder != null) {
				force(folder);
			}
			return opened;
		}
		catch (MVStoreException | IOException ex) {
			store.closeImmediately();
			throw new ComponentException("File '" + file + "' cannot be used: " + ex.getMessage(), ex);
		}
	}

	private static String explain(Path file, MVStoreException ex) {
		return switch (ex.getErrorCode()) {
			case DataUtils.ERROR_FILE_LOCKED -> "File '" + file
					+ "' is in use by another process: end that one, or let the component use another file (metadata "
					+ "'path')";
			case DataUtils.ERROR_FILE_CORRUPT, DataUtils.ERROR_UNSUPPORTED_FORMAT -> "File '" + file
					+ "' is damaged or not a file of this store, and is left as it is: restore it from a copy, or move "
					+ "it away to begin anew (" + ex.getMessage() + ")";
			default -> "File '" + file + "' cannot be opened: " + ex.getMessage();
		};
	}

	/**
	 * A new file survives a power failure only if its folder was forced to the disk too.
	 */
	private static void force(Path path) throws IOException {
		try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
			channel.force(true);
		}
	}

	/**
	 * Values by key.
	 * @return the map
	 */
	MVMap<String, StoredValue> values() {
		return this.values;
	}

	/**
	 * Versions of the values that expire, by the time and the key.
	 * @return the map
	 */
	MVMap<String, Long> expiries() {
		return this.expiries;
	}

	/**
	 * The latest version, as of the last commit.
	 * @return the version, 0 in a new file
	 */
	long version() {
		return this.counters.getOrDefault(VERSION, 0L);
	}

	void version(long version) {
		this.counters.put(VERSION, version);
	}

	/**
	 * Write all changes, and return when they are on the disk.
	 * @throws MVStoreException if the changes may not be on the disk; the file must not
	 * be used any more
	 */
	void commit() {
		this.store.commit();
		this.store.sync();
	}

	/**
	 * Rewrite values whose neighbours in the file are outdated, if there are many such
	 * values, so that the space of the outdated values can be used again.
	 * @return whether there may be more to do
	 */
	boolean compact() {
		if (!this.store.compact(COMPACTION_FILL_RATE, COMPACTION_BYTES)) {
			return false;
		}
		commit();
		return true;
	}

	/**
	 * Make the file as small as possible within a second, and write all changes.
	 * @throws MVStoreException if the changes may not be on the disk; the file must not
	 * be used any more
	 */
	void shrink() {
		commit();
		this.store.compactFile(SHRINK_MILLIS);
		this.store.setRetentionTime(RETENTION_MILLIS);
		commit();
	}

	/**
	 * The size of the file.
	 * @return bytes
	 */
	long size() {
		return this.store.getFileStore().size();
	}

	/**
	 * Close the file. The caller has committed all changes before.
	 */
	@Override
	public void close() throws IOException {
		this.store.close();
		force(this.file);
	}

	/**
	 * Close the file without another write.
	 */
	void abandon() {
		this.store.closeImmediately();
	}

}
