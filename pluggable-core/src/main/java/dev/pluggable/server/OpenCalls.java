package dev.pluggable.server;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;

/**
 * Counts the open calls without subscriptions and health watches. Those do not end by
 * themselves, so a shutdown that waited for them would always last until its timeout.
 */
final class OpenCalls extends ServerStreamTracer.Factory {

	private static final ServerStreamTracer NOT_COUNTED = new ServerStreamTracer() {
	};

	private final Set<String> subscriptions = new HashSet<>();

	private final AtomicInteger open = new AtomicInteger();

	OpenCalls(Collection<ServerServiceDefinition> services) {
		this.subscriptions.add(HealthGrpc.getWatchMethod().getFullMethodName());
		for (ServerServiceDefinition service : services) {
			for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
				MethodDescriptor<?, ?> descriptor = method.getMethodDescriptor();
				if (descriptor.getType() == MethodDescriptor.MethodType.BIDI_STREAMING) {
					this.subscriptions.add(descriptor.getFullMethodName());
				}
			}
		}
	}

	boolean none() {
		return this.open.get() == 0;
	}

	@Override
	public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
		if (this.subscriptions.contains(method)) {
			return NOT_COUNTED;
		}
		this.open.incrementAndGet();
		return new ServerStreamTracer() {

			@Override
			public void streamClosed(Status status) {
				OpenCalls.this.open.decrementAndGet();
			}

		};
	}

}
