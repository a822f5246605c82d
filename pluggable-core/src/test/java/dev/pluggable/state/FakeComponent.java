package dev.pluggable.state;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import com.google.protobuf.Message;
import dev.pluggable.proto.components.v1.QueriableStateStoreGrpc;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.proto.components.v1.TransactionalStateStoreGrpc;
import dev.pluggable.proto.components.v1.TransactionalStoreMultiMaxSizeGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;

/**
 * A component that answers each method with the answer of the test, or with
 * {@code UNIMPLEMENTED}, and records the requests.
 */
class FakeComponent {

	private final Map<String, Object> answers = new ConcurrentHashMap<>();

	private final List<Received> received = new CopyOnWriteArrayList<>();

	/**
	 * Prepare the answer of a method.
	 * @param method the method, without its service
	 * @param answer a message or a {@link RuntimeException} with a status
	 */
	FakeComponent answer(String method, Object answer) {
		this.answers.put(method, answer);
		return this;
	}

	List<String> methods() {
		return this.received.stream().map(Received::method).toList();
	}

	@SuppressWarnings("unchecked")
	<M extends Message> M last(String method) {
		return (M) this.received.stream()
			.filter((call) -> call.method().equals(method))
			.reduce((first, second) -> second)
			.orElseThrow()
			.request();
	}

	List<ServerServiceDefinition> services() {
		return List
			.of(StateStoreGrpc.getServiceDescriptor(), TransactionalStateStoreGrpc.getServiceDescriptor(),
					QueriableStateStoreGrpc.getServiceDescriptor(),
					TransactionalStoreMultiMaxSizeGrpc.getServiceDescriptor())
			.stream()
			.map(this::service)
			.toList();
	}

	@SuppressWarnings("unchecked")
	private ServerServiceDefinition service(ServiceDescriptor descriptor) {
		ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor);
		for (MethodDescriptor<?, ?> method : descriptor.getMethods()) {
			service.addMethod((MethodDescriptor<Message, Message>) method, handler(method));
		}
		return service.build();
	}

	private ServerCallHandler<Message, Message> handler(MethodDescriptor<?, ?> method) {
		String name = String.valueOf(method.getBareMethodName());
		return ServerCalls.asyncUnaryCall((request, observer) -> {
			this.received.add(new Received(name, request));
			Object answer = this.answers.getOrDefault(name, Status.UNIMPLEMENTED.asRuntimeException());
			if (answer instanceof RuntimeException failure) {
				observer.onError(failure);
			}
			else {
				observer.onNext((Message) answer);
				observer.onCompleted();
			}
		});
	}

	private record Received(String method, Message request) {
	}

}
