package dev.pluggable.pubsub;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A published message, which all groups share.
 *
 * @param number position in the order of publishing
 * @param message the message
 * @param expiresAt the moment at which it expires, {@code null} if it does not
 */
record StoredMessage(long number, Message message, @Nullable Instant expiresAt) {

	boolean isExpired(Instant now) {
		return this.expiresAt != null && !this.expiresAt.isAfter(now);
	}

	/**
	 * A copy for a handler, which may change the data.
	 */
	Message copy() {
		return new Message(this.message.id(), this.message.topic(), this.message.data().clone(),
				this.message.contentType(), this.message.metadata());
	}

}
