package dev.pluggable;

import java.util.regex.Pattern;

import dev.pluggable.internal.support.MessageLimit;

/**
 * A message is larger than its receiver allows.
 *
 * @since 0.1.0
 */
public class MessageTooLargeException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/** Words with which other implementations report their limit. */
	private static final Pattern THEIRS = Pattern.compile("message larger than max");

	MessageTooLargeException(CallFailure failure) {
		super(failure.describe() + ": message too large (" + failure.description() + "). "
				+ (MessageLimit.isOurs(failure.description())
						? MessageLimit.properties(failure.component()) + ". The component limits the size of requests"
								+ " ('pluggable.server.max-inbound-message-size' of a component in Java)"
						: "The limit is the component's own"),
				failure);
	}

	static boolean isTooLarge(String description) {
		return MessageLimit.isOurs(description) || THEIRS.matcher(description).find();
	}

}
