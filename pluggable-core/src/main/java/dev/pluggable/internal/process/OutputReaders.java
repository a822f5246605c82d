package dev.pluggable.internal.process;

import java.io.InputStream;
import java.util.function.Consumer;

import dev.pluggable.internal.support.SecretMask;

/**
 * Readers for the output of a process. Each reader blocks a thread until the end of its
 * stream.
 *
 * @param error reads standard error
 * @param output reads standard output, without the handshake
 * @param secrets hides the secrets in what the host itself shows of the output
 */
public record OutputReaders(Consumer<InputStream> error, Consumer<InputStream> output, SecretMask secrets) {

	/**
	 * Read both streams in the same way, from a process that knows no secrets.
	 * @param reader reads a stream
	 * @return the readers
	 */
	public static OutputReaders both(Consumer<InputStream> reader) {
		return new OutputReaders(reader, reader, SecretMask.NONE);
	}

}
