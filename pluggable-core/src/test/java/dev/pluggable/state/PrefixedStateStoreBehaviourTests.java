package dev.pluggable.state;

import java.util.Map;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentType;

/**
 * A store with a key prefix behaves like any other store.
 */
class PrefixedStateStoreBehaviourTests extends StateStoreBehaviour {

	private final StateStore store = StateStoreKind.INSTANCE.decorate(new InMemoryStateStore(),
			new ComponentContext("orders", ComponentType.of("state.in-memory"), Map.of("keyPrefix", "appid"),
					new ApplicationIdentity("shop", "")));

	@Override
	protected StateStore store() {
		return this.store;
	}

}
