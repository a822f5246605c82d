package org.example;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentKind;
import dev.pluggable.InitializingGeneration;
import dev.pluggable.kind.ComponentCalls;
import io.grpc.ServerServiceDefinition;

/**
 * The kind, which joins the interface, its proxy and its service.
 */
final class ThermometerKind implements ComponentKind<Thermometer> {

	@Override
	public String name() {
		return "thermometers";
	}

	@Override
	public Class<Thermometer> type() {
		return Thermometer.class;
	}

	@Override
	public List<String> services() {
		return List.of(ThermometerContract.SERVICE);
	}

	@Override
	public Thermometer createProxy(ComponentClient client) {
		return new GrpcThermometer(client);
	}

	@Override
	public CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
		Struct.Builder settings = Struct.newBuilder();
		context.metadata()
			.forEach((key, value) -> settings.putFields(key, Value.newBuilder().setStringValue(value).build()));
		return ComponentCalls.async(generation.channel(), ThermometerContract.INIT, settings.build())
			.thenApply((model) -> Set.of(model.getValue()));
	}

	@Override
	public List<ServerServiceDefinition> serve(ComponentInstances<Thermometer> instances) {
		return List.of(new ThermometerService(instances).bindService());
	}

}
