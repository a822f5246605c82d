package dev.pluggable.internal.support;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Removes parts of a payload from the messages of exceptions. A part has at least six
 * characters, or is the whole payload. The names of JSON properties are no part of a
 * payload. Immutable.
 */
public final class PayloadMask {

	private static final int MAX_BYTES = 64 * 1024;

	private static final int SHORTEST = 6;

	private static final String MASK = "***";

	private static final Pattern PROPERTY_NAME = Pattern.compile("\"[^\"\\\\]*\"\\s*:");

	private final boolean tooLong;

	private final String whole;

	private final Set<String> parts = new HashSet<>();

	private PayloadMask(byte[] payload) {
		this.tooLong = payload.length > MAX_BYTES;
		this.whole = this.tooLong ? "" : new String(payload, StandardCharsets.UTF_8).trim();
		String values = PROPERTY_NAME.matcher(this.whole).replaceAll("\n");
		for (int i = 0; i + SHORTEST <= values.length(); i++) {
			this.parts.add(values.substring(i, i + SHORTEST));
		}
	}

	/**
	 * Create the mask of a payload.
	 * @param payload the payload
	 * @return the mask
	 */
	public static PayloadMask of(byte[] payload) {
		return new PayloadMask(payload);
	}

	/**
	 * Return an exception without the payload.
	 * @param failure the exception
	 * @return the same exception if no message contains a part of the payload; otherwise
	 * a copy with the same stack traces and with changed messages
	 */
	public Throwable mask(Throwable failure) {
		Map<Throwable, Throwable> seen = new IdentityHashMap<>();
		return isClean(failure, seen) ? failure : copy(failure, new IdentityHashMap<>());
	}

	private boolean isClean(@Nullable Throwable failure, Map<Throwable, Throwable> seen) {
		if (failure == null || seen.put(failure, failure) != null) {
			return true;
		}
		String message = failure.getMessage();
		if (message != null && !mask(message).equals(message)) {
			return false;
		}
		for (Throwable suppressed : failure.getSuppressed()) {
			if (!isClean(suppressed, seen)) {
				return false;
			}
		}
		return isClean(failure.getCause(), seen);
	}

	private Throwable copy(Throwable failure, Map<Throwable, Throwable> copies) {
		Throwable known = copies.get(failure);
		if (known != null) {
			return known;
		}
		String message = failure.getMessage();
		Masked copy = new Masked(failure.getClass().getName() + ((message != null) ? ": " + mask(message) : ""));
		copies.put(failure, copy);
		copy.setStackTrace(failure.getStackTrace());
		if (failure.getCause() != null && !copies.containsKey(failure.getCause())) {
			copy.initCause(copy(failure.getCause(), copies));
		}
		for (Throwable suppressed : failure.getSuppressed()) {
			if (!copies.containsKey(suppressed)) {
				copy.addSuppressed(copy(suppressed, copies));
			}
		}
		return copy;
	}

	private String mask(String message) {
		if (this.tooLong) {
			return MASK;
		}
		String text = (!this.whole.isEmpty() && this.whole.length() < SHORTEST && this.whole.length() > 1)
				? message.replace(this.whole, MASK) : message;
		StringBuilder masked = new StringBuilder();
		int kept = 0;
		int i = 0;
		while (i + SHORTEST <= text.length()) {
			if (!this.parts.contains(text.substring(i, i + SHORTEST))) {
				i++;
				continue;
			}
			masked.append(text, kept, i).append(MASK);
			while (i + SHORTEST <= text.length() && this.parts.contains(text.substring(i, i + SHORTEST))) {
				i++;
			}
			i += SHORTEST - 1;
			kept = i;
		}
		return masked.append(text.substring(kept)).toString();
	}

	/**
	 * An exception with the name of another one in its message.
	 */
	private static final class Masked extends Exception {

		private static final long serialVersionUID = 1L;

		Masked(String message) {
			super(message);
		}

		@Override
		public String toString() {
			return String.valueOf(getMessage());
		}

	}

}
