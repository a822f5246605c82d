package dev.pluggable.sample.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A client of server-sent events.
 */
final class EventStream implements AutoCloseable {

	private final HttpResponse<InputStream> response;

	private final List<String> lines = new CopyOnWriteArrayList<>();

	private final CountDownLatch end = new CountDownLatch(1);

	private EventStream(HttpResponse<InputStream> response) {
		this.response = response;
		Thread thread = new Thread(this::read, "event-stream");
		thread.setDaemon(true);
		thread.start();
	}

	static EventStream open(int port, String path) throws IOException, InterruptedException {
		return new EventStream(HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
				.header("Accept", "text/event-stream")
				.build(), HttpResponse.BodyHandlers.ofInputStream()));
	}

	private void read() {
		try (BufferedReader reader = new BufferedReader(
				new InputStreamReader(this.response.body(), StandardCharsets.UTF_8))) {
			reader.lines().forEach(this.lines::add);
		}
		catch (IOException | UncheckedIOException ex) {
			// The client has closed the connection.
		}
		finally {
			this.end.countDown();
		}
	}

	HttpResponse<?> response() {
		return this.response;
	}

	List<String> lines() {
		return this.lines;
	}

	/**
	 * Return the data of the events so far.
	 */
	List<String> events() {
		return this.lines.stream()
			.filter((line) -> line.startsWith("data:"))
			.map((line) -> line.substring("data:".length()))
			.toList();
	}

	boolean awaitEnd(int seconds) throws InterruptedException {
		return this.end.await(seconds, TimeUnit.SECONDS);
	}

	/**
	 * Close the connection without an orderly end.
	 */
	@Override
	public void close() throws IOException {
		this.response.body().close();
	}

}
