package dev.pluggable.sample.host;

import java.io.IOException;
import java.io.InputStream;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.server.ResponseStatusException;

/**
 * Bodies, as they are.
 */
final class Payload {

	private static final int MAX_BYTES = 4 * 1024 * 1024;

	private Payload() {
	}

	/**
	 * Read the body of a {@code POST}. A {@code byte[]} would not do: what
	 * {@code curl -d} sends is called a form, and Spring puts a form together anew from
	 * its parameters, those of the query included.
	 * @param body the body, of which nothing was read
	 * @return the bytes
	 * @throws ResponseStatusException with status 413 if there are more than
	 * {@value #MAX_BYTES}
	 */
	static byte[] read(InputStream body) throws IOException {
		byte[] bytes = body.readNBytes(MAX_BYTES + 1);
		if (bytes.length > MAX_BYTES) {
			throw new ResponseStatusException(HttpStatus.CONTENT_TOO_LARGE,
					"A body can have " + MAX_BYTES + " bytes at most");
		}
		return bytes;
	}

	/**
	 * Begin an answer. Payloads come from anybody: a browser must neither guess what they
	 * are nor run them.
	 * @param contentType what is known of the payload
	 * @param payload the payload
	 * @return the answer, without the payload
	 */
	static ResponseEntity.BodyBuilder answer(@Nullable String contentType, byte[] payload) {
		return ResponseEntity.ok()
			.contentType(ContentTypes.toAnswer(contentType, payload))
			.header("X-Content-Type-Options", "nosniff")
			.header("Content-Security-Policy", "sandbox");
	}

}
