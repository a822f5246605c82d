package dev.pluggable.sample.host;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

import dev.pluggable.Components;
import dev.pluggable.bindings.InvokeRequest;
import dev.pluggable.bindings.InvokeResponse;
import dev.pluggable.bindings.OutputBinding;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Invokes any output binding by the name of its component. The body becomes the data, and
 * the parameters of the query become the metadata.
 */
@RestController
class BindingController {

	private final Components<OutputBinding> bindings;

	BindingController(Components<OutputBinding> bindings) {
		this.bindings = bindings;
	}

	/**
	 * The body must come before the parameters; otherwise Spring looks for parameters in
	 * the body too.
	 */
	@PostMapping("/bindings/{component}/{operation}")
	ResponseEntity<byte[]> invoke(@PathVariable String component, @PathVariable String operation, InputStream body,
			@RequestParam Map<String, String> metadata) throws IOException {
		InvokeResponse response = Lookup.require(this.bindings, "output binding", component)
			.invoke(InvokeRequest.of(operation, Payload.read(body)).withMetadata(metadata));
		return Payload.answer(response.contentType(), response.data()).body(response.data());
	}

}
