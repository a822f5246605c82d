package dev.pluggable.sample.docs;

import java.util.List;

import dev.pluggable.Component;
import dev.pluggable.Components;
import dev.pluggable.state.StateStore;

import org.springframework.stereotype.Service;

@Service
class Stores {

	private final Components<StateStore> stores;

	Stores(Components<StateStore> stores) {
		this.stores = stores;
	}

	List<String> names() {
		return this.stores.stream().map(Component::name).toList();
	}

	StateStore store(String name) {
		return this.stores.get(name);
	}

}
