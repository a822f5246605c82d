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
 * Etags of components as strong ones of HTTP. Those of components are any text, so what
 * HTTP does not allow in one is encoded.
 */
final class EntityTag {

	private EntityTag() {
	}

	/**
	 * Value of an {@code ETag} header.
	 */
	static String toHeader(String etag) {
		return '"' + URLEncoder.encode(etag, StandardCharsets.UTF_8) + '"';
	}

	/**
	 * The etag in an {@code If-Match} header.
	 * @return the etag of a component, {@code null} without a header
	 * @throws EtagMismatchException if it is weak: such a one matches nothing
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
			throw new EtagMismatchException("If-Match holds a weak ETag, which matches nothing");
		}
		if (tag.tag().isEmpty()) {
			throw new EtagInvalidException("If-Match holds an empty ETag");
		}
		try {
			return URLDecoder.decode(tag.tag(), StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			throw new EtagInvalidException("If-Match holds an ETag that is none of ours");
		}
	}

	/**
	 * Whether a write shall create: {@code If-None-Match: *}.
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
