package dev.pluggable.bindings;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

import dev.pluggable.InvalidRequestException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.stream.StreamStatus;

/**
 * A mailbox in memory, like one of an author of a component.
 */
public final class Mailbox implements OutputBinding, InputBinding {

	private final Map<String, Item> items = new LinkedHashMap<>();

	private long lastId;

	@Override
	public Set<String> operations() {
		return Set.of("create", "get", "list", "delete");
	}

	@Override
	public synchronized InvokeResponse invoke(InvokeRequest request) {
		return switch (request.operation()) {
			case "create" -> create(request);
			case "get" -> {
				Item item = item(request);
				yield new InvokeResponse(item.data, null,
						Map.of("id", item.id, "state", item.state, "answer", item.answer));
			}
			case "list" -> InvokeResponse.of(this.items.keySet()
				.stream()
				.collect(Collectors.joining("\",\"", "[\"", "\"]"))
				.replace("[\"\"]", "[]")
				.getBytes());
			case "delete" -> {
				this.items.remove(item(request).id);
				yield InvokeResponse.of(new byte[0]);
			}
			default -> throw new UnsupportedOperationByComponentException("no " + request.operation());
		};
	}

	private InvokeResponse create(InvokeRequest request) {
		String id = "item-" + ++this.lastId;
		Map<String, String> metadata = new HashMap<>(request.metadata());
		metadata.put("id", id);
		this.items.put(id, new Item(id, request.data(), metadata));
		notifyAll();
		return InvokeResponse.of(id.getBytes());
	}

	private Item item(InvokeRequest request) {
		Item item = this.items.get(request.metadata().get("id"));
		if (item == null) {
			throw new InvalidRequestException("there is no item with the metadata 'id'");
		}
		return item;
	}

	@Override
	public Reading read(ReadRequest request, BindingHandler handler) {
		MailReading reading = new MailReading(handler);
		Thread thread = new Thread(reading, "mailbox");
		thread.setDaemon(true);
		thread.start();
		return reading;
	}

	@Override
	public void ping() {
	}

	private static final class Item {

		private final String id;

		private final byte[] data;

		private final Map<String, String> metadata;

		private String state = "waiting";

		private String answer = "";

		private boolean reading;

		Item(String id, byte[] data, Map<String, String> metadata) {
			this.id = id;
			this.data = data;
			this.metadata = metadata;
		}

	}

	private final class MailReading implements Reading, Runnable {

		private final BindingHandler handler;

		private final Set<String> seen = new HashSet<>();

		private boolean closed;

		MailReading(BindingHandler handler) {
			this.handler = handler;
		}

		@Override
		public void run() {
			try {
				for (Item item = next(); item != null; item = next()) {
					Item read = item;
					this.handler.handleAsync(new BindingEvent(item.id, item.data, null, item.metadata))
						.whenComplete((answer, failure) -> answered(read, answer, failure));
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		private Item next() throws InterruptedException {
			synchronized (Mailbox.this) {
				while (!this.closed) {
					for (Item item : List.copyOf(Mailbox.this.items.values())) {
						if (!item.state.equals("answered") && !item.reading && this.seen.add(item.id)) {
							item.reading = true;
							return item;
						}
					}
					Mailbox.this.wait();
				}
				return null;
			}
		}

		private void answered(Item item, byte[] answer, Throwable failure) {
			synchronized (Mailbox.this) {
				item.reading = false;
				if (!this.closed) {
					item.state = (failure != null) ? "failed" : "answered";
					item.answer = (failure != null) ? failure.getMessage() : new String(answer);
				}
				Mailbox.this.notifyAll();
			}
		}

		@Override
		public StreamStatus status() {
			return new StreamStatus(this.closed ? StreamStatus.State.CLOSED : StreamStatus.State.ACTIVE, null, 0,
					Instant.EPOCH, 0, 0, 0);
		}

		@Override
		public CompletionStage<?> drain(Duration grace) {
			close();
			return CompletableFuture.completedFuture(null);
		}

		@Override
		public void close() {
			synchronized (Mailbox.this) {
				this.closed = true;
				Mailbox.this.notifyAll();
			}
		}

	}

}
