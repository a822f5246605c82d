package dev.pluggable;

import org.jspecify.annotations.Nullable;

/**
 * What Dapr's error kit adds to a status: a single {@code google.rpc.ErrorInfo} whose
 * metadata has {@code kit_error="true"} and {@code http_code}.
 *
 * @param reason stable identifier of the error, may be empty
 * @param domain who defined the reason, may be empty
 * @param httpStatus the HTTP status that the component proposes
 * @param tag further identifier, {@code null} if there is none
 * @since 0.1.0
 */
public record DaprKitError(String reason, String domain, int httpStatus, @Nullable String tag) {
}
