package dev.pluggable.secrets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads files with secrets. Exceptions contain the file and the line, but no part of the
 * contents.
 */
final class SecretFiles {

	private SecretFiles() {
	}

	/**
	 * Read a text.
	 * @param file the file
	 * @param maxBytes maximum size of the file
	 * @return the text, without a byte order mark
	 * @throws UnreadableException if the file is too large or not in UTF-8
	 * @throws IOException if the file cannot be read
	 */
	static String read(Path file, int maxBytes) throws IOException {
		byte[] bytes;
		try (InputStream in = Files.newInputStream(file)) {
			bytes = in.readNBytes(maxBytes + 1);
		}
		if (bytes.length > maxBytes) {
			throw new UnreadableException("has more than " + maxBytes + " bytes");
		}
		CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
			.onMalformedInput(CodingErrorAction.REPORT)
			.onUnmappableCharacter(CodingErrorAction.REPORT);
		ByteBuffer in = ByteBuffer.wrap(bytes);
		CharBuffer out = CharBuffer.allocate(bytes.length);
		if (decoder.decode(in, out, true).isError()) {
			throw new UnreadableException("is not text in UTF-8 (line " + line(bytes, in.position()) + ")");
		}
		String text = out.flip().toString();
		return text.startsWith("\uFEFF") ? text.substring(1) : text;
	}

	private static int line(byte[] bytes, int end) {
		int line = 1;
		for (int i = 0; i < end; i++) {
			if (bytes[i] == '\n') {
				line++;
			}
		}
		return line;
	}

	/**
	 * The reason why a file cannot be used, which is the rest of a sentence that begins
	 * with the file.
	 */
	static final class UnreadableException extends IOException {

		private static final long serialVersionUID = 1L;

		UnreadableException(String reason) {
			super(reason);
		}

	}

}
