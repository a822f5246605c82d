package dev.pluggable.sample.host;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.pluggable.Components;
import dev.pluggable.secrets.SecretStore;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Shows the names and lengths of the secrets of any secret store, by the name of its
 * component. It never shows a value: an application uses a secret, for example to sign in
 * to a database, and must not give the secret to its callers. The length shows that the
 * store works.
 */
@RestController
@RequestMapping("/secrets/{component}")
class SecretController {

	private final Components<SecretStore> stores;

	SecretController(Components<SecretStore> stores) {
		this.stores = stores;
	}

	@GetMapping
	Set<String> names(@PathVariable String component) {
		return new TreeSet<>(store(component).bulkGet().keySet());
	}

	@GetMapping("/{name}")
	Map<String, Integer> lengths(@PathVariable String component, @PathVariable String name) {
		Map<String, Integer> lengths = new TreeMap<>();
		store(component).get(name).values().forEach((key, value) -> lengths.put(key, value.length()));
		return lengths;
	}

	private SecretStore store(String component) {
		return Lookup.require(this.stores, "secret store", component);
	}

}
