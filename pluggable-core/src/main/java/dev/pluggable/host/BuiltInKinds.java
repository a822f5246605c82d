package dev.pluggable.host;

import java.util.List;

import dev.pluggable.ComponentKind;
import dev.pluggable.bindings.InputBindingKind;
import dev.pluggable.bindings.OutputBindingKind;
import dev.pluggable.grpc.DynamicServiceKind;
import dev.pluggable.grpc.GrpcKind;
import dev.pluggable.hello.HelloKind;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.secrets.SecretStoreKind;
import dev.pluggable.state.StateStoreKind;

/**
 * The kinds that come with the product. A new kind is listed here, and nowhere else.
 */
final class BuiltInKinds {

	static final List<ComponentKind<?>> ALL = List.of(StateStoreKind.INSTANCE, PubSubKind.INSTANCE,
			InputBindingKind.INSTANCE, OutputBindingKind.INSTANCE, SecretStoreKind.INSTANCE, HelloKind.INSTANCE,
			GrpcKind.INSTANCE, DynamicServiceKind.INSTANCE);

	private BuiltInKinds() {
	}

}
