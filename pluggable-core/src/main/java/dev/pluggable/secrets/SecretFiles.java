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
 * Reads files that hold secrets. Errors name the file and the line, and nothing that is
 * in it.
 */
final class SecretFiles {

	private SecretFiles() {
	}

	/**
	 * Read a text.
	 * @param file the file
	 * @param maxBytes size that it may have
	 * @return the text, without the mark that some editors put at the beginning
	 * @throws UnreadableException if it is too large or not UTF-8
	 * @throws IOException if it cannot be read
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
	 * Why a file cannot be used: the rest of a sentence that begins with the file.
	 */
	static final class UnreadableException extends IOException {

		private static final long serialVersionUID = 1L;

		UnreadableException(String reason) {
			super(reason);
		}

	}

}
