package dev.pluggable.benchmarks.soak;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import com.google.protobuf.Empty;
import com.google.protobuf.StringValue;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;

/**
 * The host service in which the accounts of a plugin record what is added to them. Safe
 * for use by many threads.
 */
final class Ledger implements BindableService {

	static final String SERVICE = "soak.Ledger";

	private static final MethodDescriptor<StringValue, Empty> RECORD = AccountKind.method(SERVICE, "Record",
			StringValue.getDefaultInstance(), Empty.getDefaultInstance());

	private final Set<String> texts = ConcurrentHashMap.newKeySet();

	boolean contains(String text) {
		return this.texts.contains(text);
	}

	@Override
	public ServerServiceDefinition bindService() {
		return ServerServiceDefinition.builder(SERVICE)
			.addMethod(RECORD, ServerCalls.asyncUnaryCall((request, observer) -> {
				this.texts.add(request.getValue());
				observer.onNext(Empty.getDefaultInstance());
				observer.onCompleted();
			}))
			.build();
	}

}
