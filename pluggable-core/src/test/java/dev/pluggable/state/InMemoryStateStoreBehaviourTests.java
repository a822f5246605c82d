package dev.pluggable.state;

/**
 * The in-memory store, called directly.
 */
class InMemoryStateStoreBehaviourTests extends StateStoreBehaviour {

	private final InMemoryStateStore store = new InMemoryStateStore();

	@Override
	protected StateStore store() {
		return this.store;
	}

}
