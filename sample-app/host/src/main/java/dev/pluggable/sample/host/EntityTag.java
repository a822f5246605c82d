package dev.pluggable.sample.host;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.pluggable.InvalidRequestException;
import dev.pluggable.state.EtagInvalidException;
import dev.pluggable.state.EtagMismatchException;
import org.jspecify.annotations.Nullable;

import org.springframework.http.ETag;

/**
 * Converts etags of components to strong etags of HTTP and back. An etag of a component
 * may be any text, so this class encodes characters that HTTP does not allow.
 */
final class EntityTag {

	private EntityTag() {
	}

	/**
	 * Make the value of an {@code ETag} header.
	 */
	static String toHeader(String etag) {
		return '"' + URLEncoder.encode(etag, StandardCharsets.UTF_8) + '"';
	}

	/**
	 * Read the etag in an {@code If-Match} header.
	 * @return the component's etag, {@code null} without a header
	 * @throws EtagMismatchException if the etag is weak, since a weak etag matches no
	 * value
	 */
	static @Nullable String fromIfMatch(@Nullable String header) {
		if (header == null) {
			return null;
		}
		List<ETag> tags = ETag.parse(header);
		if (tags.size() != 1 || tags.get(0).isWildcard()) {
			throw new InvalidRequestException("If-Match must hold one ETag, in quotes");
		}
		ETag tag = tags.get(0);
		if (tag.weak()) {
			throw new EtagMismatchException("If-Match holds a weak ETag, which matches no value");
		}
		if (tag.tag().isEmpty()) {
			throw new EtagInvalidException("If-Match holds an empty ETag");
		}
		try {
			return URLDecoder.decode(tag.tag(), StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			throw new EtagInvalidException("If-Match holds a text that is no ETag of this application");
		}
	}

	/**
	 * Whether a write must create the value ({@code If-None-Match: *}).
	 */
	static boolean isCreate(@Nullable String ifNoneMatch) {
		if (ifNoneMatch == null) {
			return false;
		}
		if (!ifNoneMatch.trim().equals("*")) {
			throw new InvalidRequestException("If-None-Match must be * when writing");
		}
		return true;
	}

}
