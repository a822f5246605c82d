package dev.pluggable.internal.support;

import java.util.function.UnaryOperator;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;

/**
 * Masks the status and the trailers of each failed call before anybody else sees them.
 * Safe for use by many threads.
 */
public final class StatusMask {

	/**
	 * For processes that know no secret.
	 */
	public static final StatusMask NONE = new StatusMask(SecretMask.NONE);

	/**
	 * Names of gRPC itself, such as that of the details.
	 */
	private static final String PROTOCOL = "grpc-";

	private final SecretMask secrets;

	/**
	 * Create a mask.
	 * @param secrets hides the secrets that the process at the other end knows
	 */
	public StatusMask(SecretMask secrets) {
		this.secrets = secrets;
	}

	/**
	 * Tell a listener the end of its call.
	 * @param listener the listener
	 * @param status the status, which is masked unless the call succeeded
	 * @param trailers the trailers, which are masked unless the call succeeded
	 */
	public void close(ClientCall.Listener<?> listener, Status status, Metadata trailers) {
		if (status.isOk()) {
			listener.onClose(status, trailers);
		}
		else {
			listener.onClose(masked(status), masked(trailers));
		}
	}

	private Status masked(Status status) {
		String description = status.getDescription();
		String masked = (description != null) ? masked(description) : null;
		return (masked != null && !masked.equals(description)) ? status.withDescription(masked) : status;
	}

	/**
	 * Mask a text. The component may have cut the text in the middle of a secret.
	 */
	private String masked(String description) {
		if (!description.endsWith(StatusLimit.CUT)) {
			return this.secrets.mask(description);
		}
		String beginning = description.substring(0, description.length() - StatusLimit.CUT.length());
		return this.secrets.maskCut(beginning) + StatusLimit.CUT;
	}

	/**
	 * Copy trailers, and mask their values. The copy leaves out names with a secret, and
	 * what no caller can read by a key: pseudo headers and names that only HTTP allows.
	 */
	private Metadata masked(Metadata trailers) {
		SecretMask mask = this.secrets;
		if (mask.isEmpty()) {
			return trailers;
		}
		Metadata copy = new Metadata();
		for (String name : trailers.keys()) {
			try {
				if (!name.startsWith(PROTOCOL) && mask.isSecretIn(name)) {
					continue;
				}
				if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
					copy(trailers, copy, Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER), mask::mask);
				}
				else {
					copy(trailers, copy, Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), mask::mask);
				}
			}
			catch (IllegalArgumentException ex) {
				// An exception here would leave the caller without an end of the call.
			}
		}
		return copy;
	}

	private static <V> void copy(Metadata from, Metadata to, Metadata.Key<V> key, UnaryOperator<V> mask) {
		Iterable<V> values = from.getAll(key);
		if (values != null) {
			values.forEach((value) -> to.put(key, mask.apply(value)));
		}
	}

}
