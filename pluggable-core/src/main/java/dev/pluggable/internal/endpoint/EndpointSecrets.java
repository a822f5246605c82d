package dev.pluggable.internal.endpoint;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

import dev.pluggable.internal.support.SecretMask;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/**
 * The secrets that the process behind an endpoint knows: those of all components of the
 * endpoint, and those of its environment. As an interceptor, it masks the status of each
 * failed call before anybody else sees the status. Safe for use by many threads.
 */
public final class EndpointSecrets implements ClientInterceptor {

	private final Map<Object, SecretMask> masks = new ConcurrentHashMap<>();

	private volatile SecretMask all = SecretMask.NONE;

	/**
	 * Set the secrets of one owner.
	 * @param owner the component, or another source of secrets
	 * @param mask its secrets
	 */
	public synchronized void put(Object owner, SecretMask mask) {
		this.masks.put(owner, mask);
		this.all = SecretMask.of(this.masks.values());
	}

	/**
	 * The mask for all texts of the process.
	 * @return the mask at this time
	 */
	public SecretMask mask() {
		return this.all;
	}

	@Override
	public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
		return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {

			@Override
			public void start(Listener<R> listener, Metadata headers) {
				super.start(new ForwardingClientCallListener.SimpleForwardingClientCallListener<>(listener) {

					@Override
					public void onClose(Status status, Metadata trailers) {
						if (status.isOk()) {
							super.onClose(status, trailers);
						}
						else {
							super.onClose(masked(status), masked(trailers));
						}
					}

				}, headers);
			}

		};
	}

	private Status masked(Status status) {
		String description = status.getDescription();
		return (description != null && this.all.isSecretIn(description))
				? status.withDescription(this.all.mask(description)) : status;
	}

	/**
	 * Copy trailers, and mask their values. The copy leaves out what no caller can read
	 * by a key: pseudo headers and names that only HTTP allows.
	 */
	private Metadata masked(Metadata trailers) {
		SecretMask mask = this.all;
		if (mask == SecretMask.NONE) {
			return trailers;
		}
		Metadata copy = new Metadata();
		for (String name : trailers.keys()) {
			try {
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
