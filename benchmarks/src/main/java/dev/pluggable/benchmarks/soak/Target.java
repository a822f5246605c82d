package dev.pluggable.benchmarks.soak;

import java.util.List;
import java.util.Map;

import dev.pluggable.Component;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.state.StateStoreKind;

/**
 * An endpoint with a state store and a pub/sub, which faults concern.
 */
abstract class Target {

	private final String name;

	/**
	 * Create a target.
	 * @param name name of the endpoint
	 */
	Target(String name) {
		this.name = name;
	}

	final String name() {
		return this.name;
	}

	final String stateName() {
		return this.name + "-state";
	}

	final String pubSubName() {
		return this.name + "-pubsub";
	}

	/**
	 * Name of the component that creates accounts, if the target has one.
	 */
	final String accountsName() {
		return this.name + "-accounts";
	}

	/**
	 * Return the properties that declare the components and the plugin.
	 */
	Map<String, Object> properties() {
		return Map.of("pluggable.components." + stateName() + ".type", "state." + this.name,
				"pluggable.components." + stateName() + ".required", true,
				"pluggable.components." + pubSubName() + ".type", "pubsub." + this.name,
				"pluggable.components." + pubSubName() + ".required", true);
	}

	final List<Component<?>> parts(ComponentHost host) {
		return List.of(host.registry().find(StateStoreKind.INSTANCE, stateName()).orElseThrow(),
				host.registry().find(PubSubKind.INSTANCE, pubSubName()).orElseThrow());
	}

	/**
	 * Tell whether the host launches the process.
	 */
	abstract boolean launched();

	abstract Truth truth();

	@Override
	public final String toString() {
		return this.name;
	}

}
