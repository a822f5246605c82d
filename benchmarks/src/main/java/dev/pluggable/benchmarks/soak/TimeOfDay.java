package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * The time of day that this process sees. The clock of the machine and the monotonic
 * clock stay as they are. {@code clock.c} has the other half.
 */
final class TimeOfDay {

	/** The greatest changes: by a second, a minute, an hour, two days, a year. */
	private static final int[] GREATEST_SECONDS = { 1, 60, 3600, 2 * 86_400, 365 * 86_400 };

	private final Path file;

	/**
	 * Create a time of day.
	 * @param file the file that holds the difference to the clock of the machine
	 */
	TimeOfDay(Path file) {
		this.file = file;
	}

	/**
	 * Change the time of day.
	 * @return the difference to the clock of the machine in milliseconds
	 */
	long change(Random random) throws IOException {
		long greatest = TimeUnit.SECONDS.toMillis(GREATEST_SECONDS[random.nextInt(GREATEST_SECONDS.length)]);
		long millis = (long) ((2 * random.nextDouble() - 1) * greatest);
		set(millis);
		return millis;
	}

	void set(long millis) throws IOException {
		byte[] bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(millis).array();
		Files.write(this.file, bytes, StandardOpenOption.WRITE);
	}

	/**
	 * Tell whether this process sees the changed time.
	 */
	boolean works() throws IOException {
		long hour = TimeUnit.HOURS.toMillis(1);
		long before = System.currentTimeMillis();
		set(hour);
		long difference = System.currentTimeMillis() - before;
		set(0);
		return difference >= hour;
	}

}
