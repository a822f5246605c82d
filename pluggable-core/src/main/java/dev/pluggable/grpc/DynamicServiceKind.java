package dev.pluggable.grpc;

import java.util.List;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentKind;
import dev.pluggable.internal.reflection.DescribedClient;
import dev.pluggable.internal.reflection.ServiceKind;

/**
 * The kind of services that the application has no generated code for. Each component is
 * one service of one server. A component is discovered for each service that no other
 * kind has, with the name {@code <endpoint>.<service>}; a declaration of the type
 * {@code dynamic.<endpoint>} with one service stands for that service, whether another
 * kind has it or not.
 * <p>
 * The contract has no {@code Init}, so metadata are not sent. A component is ready with
 * its server, and calls wait until the descriptors are read.
 *
 * @since 0.1.0
 */
public final class DynamicServiceKind implements ComponentKind<DynamicService>, ServiceKind {

	/**
	 * The only instance.
	 */
	public static final DynamicServiceKind INSTANCE = new DynamicServiceKind();

	private DynamicServiceKind() {
	}

	@Override
	public String name() {
		return "dynamic";
	}

	@Override
	public Class<DynamicService> type() {
		return DynamicService.class;
	}

	/**
	 * The kind has no services of its own.
	 * @return an empty list
	 */
	@Override
	public List<String> services() {
		return List.of();
	}

	/**
	 * Create the object that an application injects.
	 * @throws IllegalArgumentException if the client is not one of a component with
	 * exactly one service
	 */
	@Override
	public DynamicService createProxy(ComponentClient client) {
		if (!(client instanceof DescribedClient described) || described.services().size() != 1) {
			throw new IllegalArgumentException("A component of the kind '" + name() + "' needs exactly one service");
		}
		return new GrpcDynamicService(client, described, described.services().get(0));
	}

}
