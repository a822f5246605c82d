package dev.pluggable.sample.host;

import java.io.IOException;
import java.io.InputStream;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.server.ResponseStatusException;

/**
 * Reads and writes bodies without conversion.
 */
final class Payload {

	private static final int MAX_BYTES = 4 * 1024 * 1024;

	private Payload() {
	}

	/**
	 * Read the body of a {@code POST}. A parameter of the type {@code byte[]} does not
	 * work for the bodies of {@code curl -d}, which are called forms: Spring rebuilds the
	 * body of a form from its parameters, those of the query included.
	 * @param body the unread body
	 * @return the bytes
	 * @throws ResponseStatusException with status 413 if there are more than
	 * {@value #MAX_BYTES}
	 */
	static byte[] read(InputStream body) throws IOException {
		byte[] bytes = body.readNBytes(MAX_BYTES + 1);
		if (bytes.length > MAX_BYTES) {
			throw new ResponseStatusException(HttpStatus.CONTENT_TOO_LARGE,
					"A body may have " + MAX_BYTES + " bytes at most");
		}
		return bytes;
	}

	/**
	 * Begin an answer. Anybody may have written a payload, so a browser must neither
	 * guess its type nor run it.
	 * @param contentType content type of the payload, {@code null} if it is unknown
	 * @param payload the payload
	 * @return the answer without a body
	 */
	static ResponseEntity.BodyBuilder answer(@Nullable String contentType, byte[] payload) {
		return ResponseEntity.ok()
			.contentType(ContentTypes.toAnswer(contentType, payload))
			.header("X-Content-Type-Options", "nosniff")
			.header("Content-Security-Policy", "sandbox");
	}

}
