package dev.pluggable.sample.host;

import java.time.Duration;

import dev.pluggable.Components;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.state.Concurrency;
import dev.pluggable.state.DeleteRequest;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import org.jspecify.annotations.Nullable;

import org.springframework.format.annotation.DurationFormat;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * Reads and writes values of any state store by the name of its component. Bodies are
 * values without conversion; a key is one segment of the path.
 */
@RestController
@RequestMapping("/state/{component}/{key}")
class StateController {

	private final Components<StateStore> stores;

	StateController(Components<StateStore> stores) {
		this.stores = stores;
	}

	@GetMapping
	ResponseEntity<byte[]> get(@PathVariable String component, @PathVariable String key) {
		StateItem item = store(component).get(key)
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND,
					"Component '" + component + "' has no key '" + key + "'"));
		ResponseEntity.BodyBuilder response = Payload.answer(item.contentType(), item.value());
		if (item.etag() != null) {
			response.eTag(EntityTag.toHeader(item.etag()));
		}
		return response.body(item.value());
	}

	@PutMapping
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void put(@PathVariable String component, @PathVariable String key,
			@RequestBody(required = false) byte @Nullable [] body,
			@RequestParam(required = false) @DurationFormat(
					style = DurationFormat.Style.COMPOSITE) @Nullable Duration ttl,
			@RequestHeader(name = HttpHeaders.CONTENT_TYPE, required = false) @Nullable String contentType,
			@RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
			@RequestHeader(name = HttpHeaders.IF_NONE_MATCH, required = false) @Nullable String ifNoneMatch) {
		if (ttl != null && (ttl.isZero() || ttl.isNegative())) {
			throw new InvalidRequestException("Parameter 'ttl' must be positive");
		}
		boolean create = EntityTag.isCreate(ifNoneMatch);
		store(component).set(SetRequest.of(key, (body != null) ? body : new byte[0])
			.withContentType(ContentTypes.toStore(contentType))
			.withTtl(ttl)
			.withEtag(EntityTag.fromIfMatch(ifMatch))
			.withConcurrency(create ? Concurrency.FIRST_WRITE : Concurrency.UNSPECIFIED));
	}

	@DeleteMapping
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void delete(@PathVariable String component, @PathVariable String key,
			@RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch) {
		store(component).delete(DeleteRequest.of(key).withEtag(EntityTag.fromIfMatch(ifMatch)));
	}

	private StateStore store(String component) {
		return Lookup.require(this.stores, "state store", component);
	}

}
