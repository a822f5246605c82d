package dev.pluggable.sample.host;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import dev.pluggable.pubsub.PubSub;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Keeps all clients that follow a topic. It sends them heartbeats, and ends their streams
 * when the application ends.
 */
@Component
class TopicStreams implements SmartLifecycle {

	private static final int MAX_STREAMS = 100;

	private final Duration heartbeat;

	private final Set<TopicStream> streams = new LinkedHashSet<>();

	private @Nullable ScheduledExecutorService timer;

	TopicStreams(@Value("${sample.heartbeat:10s}") Duration heartbeat) {
		this.heartbeat = heartbeat;
	}

	/**
	 * Begin a stream for a client.
	 * @param component name of the component
	 * @param pubSub the component
	 * @param topic the topic
	 * @return the emitter that sends to the client
	 * @throws ResponseStatusException with status 503 if there are too many clients, or
	 * the application ends
	 */
	SseEmitter open(String component, PubSub pubSub, String topic) throws IOException {
		TopicStream stream = add(component, topic);
		boolean begun = false;
		try {
			SseEmitter emitter = stream.begin(pubSub);
			begun = true;
			return emitter;
		}
		finally {
			if (!begun) {
				stream.end();
			}
		}
	}

	private synchronized TopicStream add(String component, String topic) {
		if (!isRunning() || this.streams.size() >= MAX_STREAMS) {
			throw new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE,
					isRunning() ? MAX_STREAMS + " clients follow a topic already" : "The application ends");
		}
		TopicStream stream = new TopicStream(component, topic, this::remove);
		this.streams.add(stream);
		return stream;
	}

	private synchronized void remove(TopicStream stream) {
		this.streams.remove(stream);
	}

	private synchronized List<TopicStream> snapshot() {
		return new ArrayList<>(this.streams);
	}

	/**
	 * List the clients that follow a topic now.
	 * @return a view of each client
	 */
	List<TopicStream.View> open() {
		return snapshot().stream().map(TopicStream::view).toList();
	}

	@Override
	public synchronized void start() {
		if (isRunning()) {
			return;
		}
		this.timer = Executors.newSingleThreadScheduledExecutor((work) -> {
			Thread thread = new Thread(work, "topic-heartbeat");
			thread.setDaemon(true);
			return thread;
		});
		this.timer.scheduleWithFixedDelay(() -> snapshot().forEach(TopicStream::heartbeat), this.heartbeat.toNanos(),
				this.heartbeat.toNanos(), TimeUnit.NANOSECONDS);
	}

	@Override
	public void stop() {
		synchronized (this) {
			if (this.timer != null) {
				this.timer.shutdownNow();
				this.timer = null;
			}
		}
		snapshot().forEach(TopicStream::complete);
	}

	@Override
	public synchronized boolean isRunning() {
		return this.timer != null;
	}

	/**
	 * Stop before the web server, because the web server waits for all requests to end.
	 */
	@Override
	public int getPhase() {
		return Integer.MAX_VALUE;
	}

}
