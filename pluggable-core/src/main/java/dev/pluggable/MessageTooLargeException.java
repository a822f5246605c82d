package dev.pluggable;

import java.util.regex.Pattern;

/**
 * A message is larger than its receiver allows.
 *
 * @since 0.1.0
 */
public class MessageTooLargeException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/** How grpc-java words its own limit. */
	private static final Pattern OURS = Pattern.compile("exceeds maximum size|maximum allowed size");

	/** How the other implementations word theirs. */
	private static final Pattern THEIRS = Pattern.compile("message larger than max");

	MessageTooLargeException(CallFailure failure) {
		super(failure.describe() + ": message too large (" + failure.description() + "). "
				+ (OURS.matcher(failure.description()).find() ? "What is received is limited by 'pluggable.components."
						+ failure.component() + ".max-inbound-message-size', or for all components by "
						+ "'pluggable.defaults.max-inbound-message-size'" : "The limit is the component's own"),
				failure);
	}

	static boolean isTooLarge(String description) {
		return OURS.matcher(description).find() || THEIRS.matcher(description).find();
	}

}
