package dev.pluggable.observation;

import io.grpc.MethodDescriptor;

/**
 * A call that the application makes. Immutable.
 *
 * @param component name of the component, or of the object that a plugin has created
 * @param kind name of the kind of the component
 * @param endpoint name of the endpoint that serves the component, which is the name of
 * the plugin for a launched process
 * @param method the method
 * @since 0.1.0
 */
public record ObservedCall(String component, String kind, String endpoint, MethodDescriptor<?, ?> method) {

	/**
	 * The name of the method without its service.
	 * @return the name
	 */
	public String operation() {
		String name = this.method.getBareMethodName();
		return (name != null) ? name : this.method.getFullMethodName();
	}

}
