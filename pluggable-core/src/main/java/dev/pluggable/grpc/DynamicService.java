package dev.pluggable.grpc;

import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.pluggable.ComponentUnavailableException;

/**
 * A gRPC service of a component, called without generated code. The server describes its
 * methods and types by gRPC reflection. Calls have JSON or protobuf messages, and apart
 * from that the deadline, the waits, the repetition and the exceptions of
 * {@link dev.pluggable.kind.ComponentCalls}. <pre>{@code
 * String answer = greeter.json().unary("Greet", "{\"name\": \"Ada\"}");
 * }</pre>
 * <p>
 * The description is read again from each process that takes over. Safe for use by many
 * threads.
 *
 * @since 0.1.0
 */
public interface DynamicService {

	/**
	 * The full name of the service.
	 * @return the name, such as {@code acme.v1.Greeter}
	 */
	String name();

	/**
	 * The service as the current process describes it, with its methods and their types.
	 * While the process is away, this is the description by the last process. Before the
	 * first description is read, this method waits like a call.
	 * @return the descriptor of protobuf
	 * @throws ComponentUnavailableException if the component is not ready, or its server
	 * does not describe the service
	 */
	ServiceDescriptor descriptor();

	/**
	 * A method of the service. Waits like {@link #descriptor()}.
	 * @param name name of the method, without the service
	 * @return the descriptor of protobuf
	 * @throws dev.pluggable.UnsupportedOperationByComponentException if the service has
	 * no such method
	 * @throws ComponentUnavailableException if the service is not described
	 */
	MethodDescriptor method(String name);

	/**
	 * An empty request of a method. Waits like {@link #descriptor()}.
	 * @param method name of the method, without the service
	 * @return the request, to be filled in
	 * @throws dev.pluggable.UnsupportedOperationByComponentException if the service has
	 * no such method
	 * @throws ComponentUnavailableException if the service is not described
	 */
	default DynamicMessage.Builder newRequest(String method) {
		return DynamicMessage.newBuilder(method(method).getInputType());
	}

	/**
	 * The comment on a service, a method, a message, a field, an enum or its value. Most
	 * servers send no comments.
	 * @param element a descriptor of this service, or one of its types
	 * @return the comment in front of the element, empty if the server sends none
	 */
	String documentation(GenericDescriptor element);

	/**
	 * Calls whose messages are JSON, as protobuf maps it. {@code Any} can hold each type
	 * of the files that describe the service.
	 * @return the calls, always the same
	 */
	DynamicCalls<String> json();

	/**
	 * Calls whose messages are those of protobuf. A request may be an instance of a
	 * generated class, too, and is sent as it is.
	 * @return the calls, always the same
	 */
	DynamicCalls<DynamicMessage> messages();

}
