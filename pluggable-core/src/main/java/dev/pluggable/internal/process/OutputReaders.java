package dev.pluggable.internal.process;

import java.io.InputStream;
import java.util.function.Consumer;

/**
 * Readers for the output of a process. Each reader blocks a thread until the end of its
 * stream.
 *
 * @param error reads standard error
 * @param output reads standard output, without the handshake
 */
public record OutputReaders(Consumer<InputStream> error, Consumer<InputStream> output) {

	/**
	 * Read both streams in the same way.
	 * @param reader reads a stream
	 * @return the readers
	 */
	public static OutputReaders both(Consumer<InputStream> reader) {
		return new OutputReaders(reader, reader);
	}

}
