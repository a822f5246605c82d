package dev.pluggable;

import org.jspecify.annotations.Nullable;

/**
 * An error in the form of Dapr's error kit: the only detail of the status is a
 * {@code google.rpc.ErrorInfo} with {@code kit_error="true"} and {@code http_code} in its
 * metadata. Immutable.
 *
 * @param reason stable identifier of the error, may be empty
 * @param domain the owner of the identifier, may be empty
 * @param httpStatus HTTP status that the component proposes
 * @param tag further identifier, {@code null} if there is none
 * @since 0.1.0
 */
public record DaprKitError(String reason, String domain, int httpStatus, @Nullable String tag) {
}
