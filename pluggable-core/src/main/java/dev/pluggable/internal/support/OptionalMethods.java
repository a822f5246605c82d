package dev.pluggable.internal.support;

import java.util.Set;

import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;

/**
 * Tells the host which methods of a contract a kind can do without.
 */
public final class OptionalMethods {

	private OptionalMethods() {
	}

	/**
	 * Leave methods out of a service.
	 * @param service the descriptor of a generated class
	 * @param optional names of methods that older components do not have, and that the
	 * kind calls only if the component has them, or whose failure it ignores
	 * @return the same service without these methods
	 */
	public static ServiceDescriptor without(ServiceDescriptor service, String... optional) {
		Set<String> names = Set.of(optional);
		ServiceDescriptor.Builder builder = ServiceDescriptor.newBuilder(service.getName())
			.setSchemaDescriptor(service.getSchemaDescriptor());
		for (MethodDescriptor<?, ?> method : service.getMethods()) {
			if (!names.contains(method.getBareMethodName())) {
				builder.addMethod(method);
			}
		}
		return builder.build();
	}

}
