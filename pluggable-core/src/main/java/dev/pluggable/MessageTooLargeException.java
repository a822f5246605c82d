package dev.pluggable;

import java.util.regex.Pattern;

/**
 * A message is larger than its receiver allows.
 *
 * @since 0.1.0
 */
public class MessageTooLargeException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/** Words with which grpc-java reports its own limit. */
	private static final Pattern OURS = Pattern.compile("exceeds maximum size|maximum allowed size");

	/** Words with which other implementations report their limit. */
	private static final Pattern THEIRS = Pattern.compile("message larger than max");

	MessageTooLargeException(CallFailure failure) {
		super(failure.describe() + ": message too large (" + failure.description() + "). "
				+ (OURS.matcher(failure.description()).find()
						? "The property 'pluggable.components." + failure.component()
								+ ".max-inbound-message-size' sets the limit, "
								+ "'pluggable.defaults.max-inbound-message-size' sets it for all components"
						: "The limit is the component's own"),
				failure);
	}

	static boolean isTooLarge(String description) {
		return OURS.matcher(description).find() || THEIRS.matcher(description).find();
	}

}
