package dev.pluggable.state;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A store that implements the methods without a default only.
 */
class MinimalStateStore implements StateStore {

	final Map<String, byte[]> values = new ConcurrentHashMap<>();

	@Override
	public Optional<StateItem> get(GetRequest request) {
		byte[] value = this.values.get(request.key());
		return (value != null) ? Optional.of(StateItem.of(request.key(), value.clone())) : Optional.empty();
	}

	@Override
	public void set(SetRequest request) {
		this.values.put(request.key(), request.value().clone());
	}

	@Override
	public void delete(DeleteRequest request) {
		this.values.remove(request.key());
	}

	@Override
	public Set<String> features() {
		return Set.of();
	}

}
