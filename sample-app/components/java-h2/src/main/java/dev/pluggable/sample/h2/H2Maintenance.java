package dev.pluggable.sample.h2;

import java.util.Map;
import java.util.Set;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.bindings.BindingOperations;
import dev.pluggable.bindings.InvokeRequest;
import dev.pluggable.bindings.InvokeResponse;
import dev.pluggable.bindings.OutputBinding;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Maintains the stores, as an output binding. The metadata {@code store} of a request
 * names the component of the store; a request may omit it if there is only one store.
 * Answers are JSON.
 * <ul>
 * <li>{@code list}: lists at most {@value #MAX_KEYS} keys in their order; the metadata
 * {@code after} is the key before the first one.</li>
 * <li>{@code compact}: gives space back to the disk, and returns the size of the file
 * before and after.</li>
 * </ul>
 */
final class H2Maintenance implements OutputBinding {

	private static final String COMPACT = "compact";

	private static final int MAX_KEYS = 1000;

	private final H2StateStores stores;

	private final JsonMapper mapper = new JsonMapper();

	H2Maintenance(H2StateStores stores) {
		this.stores = stores;
	}

	@Override
	public Set<String> operations() {
		return Set.of(BindingOperations.LIST, COMPACT);
	}

	@Override
	public InvokeResponse invoke(InvokeRequest request) {
		return switch (request.operation()) {
			case BindingOperations.LIST ->
				json(store(request).keys(request.metadata().getOrDefault("after", ""), MAX_KEYS));
			case COMPACT -> json(store(request).shrink());
			default -> throw new UnsupportedOperationByComponentException(
					"There is no operation '" + request.operation() + "'; there are " + operations());
		};
	}

	private H2StateStore store(InvokeRequest request) {
		Map<String, H2StateStore> open = this.stores.open();
		@Nullable String name = request.metadata().get("store");
		if (open.isEmpty()) {
			throw new ComponentUnavailableException((name != null) ? name : "", "state", request.operation(),
					"no store is open");
		}
		if (name == null && open.size() > 1) {
			throw new InvalidRequestException("Metadata 'store' must name one of " + open.keySet());
		}
		H2StateStore store = (name != null) ? open.get(name) : open.values().iterator().next();
		if (store == null) {
			throw new InvalidRequestException("There is no store '" + name + "'; there are " + open.keySet());
		}
		return store;
	}

	private InvokeResponse json(Object answer) {
		return new InvokeResponse(this.mapper.writeValueAsBytes(answer), "application/json", Map.of());
	}

}
