package dev.pluggable.spring.autoconfigure.server;

import java.util.Optional;
import java.util.Set;

import dev.pluggable.state.DeleteRequest;
import dev.pluggable.state.GetRequest;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;

/**
 * A store that delegates to another store.
 */
class Delegating implements StateStore {

	private final StateStore delegate;

	Delegating(StateStore delegate) {
		this.delegate = delegate;
	}

	@Override
	public Optional<StateItem> get(GetRequest request) {
		return this.delegate.get(request);
	}

	@Override
	public void set(SetRequest request) {
		this.delegate.set(request);
	}

	@Override
	public void delete(DeleteRequest request) {
		this.delegate.delete(request);
	}

	@Override
	public Set<String> features() {
		return this.delegate.features();
	}

}
