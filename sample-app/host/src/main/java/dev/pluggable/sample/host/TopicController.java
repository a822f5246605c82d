package dev.pluggable.sample.host;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

import dev.pluggable.Components;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PublishRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Offers the topics of any pub/sub component by its name. A {@code POST} publishes its
 * body; a {@code GET} follows the messages of a topic. A topic is one segment of the
 * path.
 */
@RestController
@RequestMapping("/topics")
class TopicController {

	private final Components<PubSub> pubSubs;

	private final TopicStreams streams;

	TopicController(Components<PubSub> pubSubs, TopicStreams streams) {
		this.pubSubs = pubSubs;
		this.streams = streams;
	}

	@PostMapping("/{component}/{topic}")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void publish(@PathVariable String component, @PathVariable String topic, InputStream body,
			@RequestHeader(name = HttpHeaders.CONTENT_TYPE, required = false) @Nullable String contentType)
			throws IOException {
		pubSub(component)
			.publish(PublishRequest.of(topic, Payload.read(body)).withContentType(ContentTypes.toStore(contentType)));
	}

	/**
	 * Send the messages from now on as server-sent events. Each client gets every
	 * message.
	 */
	@GetMapping(path = "/{component}/{topic}", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	SseEmitter follow(@PathVariable String component, @PathVariable String topic) throws IOException {
		return this.streams.open(component, pubSub(component), topic);
	}

	/**
	 * List the clients that follow a topic now.
	 */
	@GetMapping
	List<TopicStream.View> followed() {
		return this.streams.open();
	}

	private PubSub pubSub(String component) {
		return Lookup.require(this.pubSubs, "pub/sub component", component);
	}

}
