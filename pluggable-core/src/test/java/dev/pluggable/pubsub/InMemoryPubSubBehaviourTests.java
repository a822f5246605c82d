package dev.pluggable.pubsub;

/**
 * The in-memory component, called directly.
 */
class InMemoryPubSubBehaviourTests extends PubSubBehaviour {

	private final InMemoryPubSub pubSub = new InMemoryPubSub();

	@Override
	protected PubSub pubSub() {
		return this.pubSub;
	}

	@Override
	protected void closeComponent() {
		this.pubSub.close();
	}

}
