package dev.pluggable.pubsub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.server.ComponentServer;
import dev.pluggable.stream.StreamStatus;

/**
 * A pub/sub component that loses no message when it is killed. It writes a message to a
 * file before it answers the publisher, and the message stays there until a subscriber
 * has acknowledged it. It has one topic and one group.
 */
public final class JournalPubSub implements PubSub {

	private final FileChannel journal;

	private final Deque<Long> waiting = new ArrayDeque<>();

	private final Map<Long, byte[]> messages = new LinkedHashMap<>();

	private final Set<JournalSubscription> subscriptions = new LinkedHashSet<>();

	private long last;

	private JournalPubSub(Path file) throws IOException {
		if (Files.exists(file)) {
			replay(file);
		}
		this.journal = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
		// The last process may have left an unfinished line.
		write("\n");
	}

	/**
	 * Serve until the process is killed.
	 * @param args the socket and the journal
	 */
	public static void main(String[] arguments) throws Exception {
		JournalPubSub pubSub = new JournalPubSub(Path.of(arguments[1]));
		try (ComponentServer server = ComponentServer.builder(Path.of(arguments[0]))
			.serve(PubSubKind.INSTANCE, (name, metadata) -> pubSub)
			.start()) {
			server.awaitTermination();
		}
	}

	private void replay(Path file) throws IOException {
		for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
			String[] parts = line.split(" ", -1);
			if (parts.length == 4 && parts[0].equals("+") && parts[3].equals(".")) {
				this.last = Long.parseLong(parts[1]);
				this.messages.put(this.last, parts[2].getBytes(StandardCharsets.ISO_8859_1));
			}
			else if (parts.length == 3 && parts[0].equals("-") && parts[2].equals(".")) {
				this.messages.remove(Long.parseLong(parts[1]));
			}
		}
		this.waiting.addAll(this.messages.keySet());
	}

	private void write(String line) {
		try {
			ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.ISO_8859_1));
			while (bytes.hasRemaining()) {
				this.journal.write(bytes);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void publish(PublishRequest request) {
		synchronized (this) {
			long number = ++this.last;
			write("+ " + number + " " + new String(request.data(), StandardCharsets.ISO_8859_1) + " .\n");
			this.messages.put(number, request.data());
			this.waiting.add(number);
		}
		deliver();
	}

	@Override
	public Subscription subscribe(SubscribeRequest request, MessageHandler handler) {
		JournalSubscription subscription = new JournalSubscription(request, handler);
		synchronized (this) {
			this.subscriptions.add(subscription);
		}
		deliver();
		return subscription;
	}

	private void deliver() {
		while (true) {
			long number;
			byte[] data;
			JournalSubscription target;
			synchronized (this) {
				target = this.subscriptions.stream()
					.filter((subscription) -> subscription.inFlight < subscription.request.concurrency())
					.findFirst()
					.orElse(null);
				if (target == null || this.waiting.isEmpty()) {
					return;
				}
				number = this.waiting.remove();
				data = this.messages.get(number);
				target.inFlight++;
			}
			JournalSubscription receiver = target;
			receiver.handler.handleAsync(new Message("" + number, receiver.topic(), data, null, Map.of()))
				.whenComplete((outcome, failure) -> handled(receiver, number,
						failure == null && outcome != MessageOutcome.RETRY));
		}
	}

	private void handled(JournalSubscription subscription, long number, boolean done) {
		synchronized (this) {
			subscription.inFlight--;
			if (done) {
				write("- " + number + " .\n");
				this.messages.remove(number);
			}
			else {
				this.waiting.addFirst(number);
			}
		}
		deliver();
	}

	@Override
	public Set<String> features() {
		return Set.of();
	}

	private final class JournalSubscription implements Subscription {

		private final SubscribeRequest request;

		private final MessageHandler handler;

		private int inFlight;

		private JournalSubscription(SubscribeRequest request, MessageHandler handler) {
			this.request = request;
			this.handler = handler;
		}

		@Override
		public String topic() {
			return this.request.topic();
		}

		@Override
		public StreamStatus status() {
			return new StreamStatus(StreamStatus.State.ACTIVE, null, 1, Instant.EPOCH, 0, 0, this.inFlight);
		}

		@Override
		public CompletionStage<?> drain(Duration grace) {
			close();
			return CompletableFuture.completedFuture(null);
		}

		@Override
		public void close() {
			synchronized (JournalPubSub.this) {
				JournalPubSub.this.subscriptions.remove(this);
			}
		}

	}

}
