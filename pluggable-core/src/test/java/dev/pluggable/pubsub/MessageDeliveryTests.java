package dev.pluggable.pubsub;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import dev.pluggable.fixtures.RecordedLog;
import dev.pluggable.pubsub.MessageDelivery.Verdict;
import dev.pluggable.stream.HandlerRunner;
import dev.pluggable.stream.RecordedSettlement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class MessageDeliveryTests {

	private static final Duration SHORT = Duration.ofMillis(100);

	private static final Message MESSAGE = new Message("id-7", "orders",
			"payload-secret".getBytes(StandardCharsets.UTF_8), "text/plain",
			Map.of("token", "metadata-secret", "ttlInSeconds", "5"));

	private final ThreadPoolExecutor executor = (ThreadPoolExecutor) Executors.newCachedThreadPool();

	private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

	private final List<PublishRequest> published = new CopyOnWriteArrayList<>();

	private final RecordedLog log = new RecordedLog();

	private final CountDownLatch end = new CountDownLatch(1);

	@BeforeEach
	void start() {
		logger().addAppender(this.log);
	}

	@AfterEach
	void close() throws InterruptedException {
		this.end.countDown();
		logger().detachAppender(this.log);
		this.executor.shutdownNow();
		this.timer.shutdownNow();
		assertThat(this.executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		assertThat(this.timer.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	private static Logger logger() {
		return (Logger) LoggerFactory.getLogger(MessageDelivery.class);
	}

	private static SubscribeRequest request() {
		return SubscribeRequest.of("orders");
	}

	private MessageDelivery<Verdict> delivery(SubscribeRequest request, MessageHandler handler) {
		return delivery(request, handler, this.published::add);
	}

	private MessageDelivery<Verdict> delivery(SubscribeRequest request, MessageHandler handler,
			Consumer<PublishRequest> publisher) {
		return new MessageDelivery<>(request, handler,
				(timeout) -> new HandlerRunner(this.executor, this.timer, timeout), this.timer, publisher,
				(id, verdict) -> verdict);
	}

	private static Verdict verdict(RecordedSettlement<Verdict> delivered) {
		CompletableFuture<Verdict> verdict = delivered.outcome();
		await().until(verdict::isDone);
		return verdict.join();
	}

	private static void awaitEnd(RecordedSettlement<Verdict> delivered) {
		await().until(delivered.end()::isDone);
		delivered.end().join();
	}

	private static RecordedSettlement<Verdict> deliver(MessageDelivery<Verdict> delivery, Message message) {
		RecordedSettlement<Verdict> heard = new RecordedSettlement<>();
		delivery.deliver(message, heard);
		return heard;
	}

	private Verdict settled(SubscribeRequest request, MessageHandler handler) {
		RecordedSettlement<Verdict> delivered = deliver(delivery(request, handler), MESSAGE);
		Verdict verdict = verdict(delivered);
		awaitEnd(delivered);
		return verdict;
	}

	private List<String> logged() {
		return this.log.events().stream().map(ILoggingEvent::getFormattedMessage).toList();
	}

	/**
	 * Block, and ignore interrupts.
	 */
	private void blockUntilEnd() {
		boolean done = false;
		while (!done) {
			try {
				done = this.end.await(1, TimeUnit.MINUTES);
			}
			catch (InterruptedException ex) {
				// The test ignores interrupts.
			}
		}
	}

	@Test
	void whenHandlerAcknowledgesThenNothingElseHappens() {
		assertThat(settled(request(), (message) -> MessageOutcome.ACK)).isEqualTo(Verdict.ACK);
		assertThat(logged()).isEmpty();
		assertThat(this.published).isEmpty();
	}

	@Test
	void whenHandlerAsksForRetryThenMessageGoesBack() {
		assertThat(settled(request(), (message) -> MessageOutcome.RETRY).retryReason())
			.isEqualTo("the handler asked for another attempt");
		assertThat(logged()).noneMatch((line) -> line.contains("not handled"));
	}

	@Test
	void whenHandlerThrowsThenTheReasonIsItsClassOnly() {
		Verdict verdict = settled(request(), (message) -> {
			throw new IllegalStateException("payload-secret");
		});
		assertThat(verdict.retryReason()).isEqualTo("the handler failed with java.lang.IllegalStateException");
		assertThat(logged()).singleElement()
			.asString()
			.contains("'orders'", "'id-7'", "java.lang.IllegalStateException", "goes back")
			.doesNotContain("secret");
	}

	@Test
	void whenHandlerThrowsThenMessageAndStackTraceAreLoggedOncePerKind() {
		MessageDelivery<Verdict> delivery = delivery(request(), (message) -> {
			if (message.id().equals("other")) {
				throw new IllegalArgumentException("no such order");
			}
			throw new IllegalStateException("no such state");
		});
		for (String id : List.of("1", "2", "other", "3")) {
			awaitEnd(deliver(delivery, new Message(id, "orders", new byte[0], null, Map.of())));
		}
		assertThat(this.log.events())
			.extracting((event) -> (event.getThrowableProxy() != null)
					? event.getThrowableProxy().getClassName() + ": " + event.getThrowableProxy().getMessage() : "")
			.containsExactly("java.lang.IllegalStateException: no such state", "",
					"java.lang.IllegalArgumentException: no such order", "");
		assertThat(logged().get(1)).contains("as logged before: java.lang.IllegalStateException at ",
				"MessageDeliveryTests");
	}

	@Test
	void whenTheExceptionRepeatsThePayloadThenTheLogDoesNot() {
		byte[] payload = "{\"card\":\"4111-1111\",\"total\":12345678}".getBytes(StandardCharsets.UTF_8);
		MessageDelivery<Verdict> delivery = delivery(request(), (message) -> {
			IllegalStateException failure = new IllegalStateException("card 4111-1111 is wrong, total is 12345678",
					new IllegalArgumentException(new String(message.data(), StandardCharsets.UTF_8)));
			failure.addSuppressed(new IllegalStateException("4111-1111"));
			throw failure;
		});
		awaitEnd(deliver(delivery, new Message("1", "orders", payload, null, Map.of())));
		assertThat(this.log.events()).singleElement().satisfies((event) -> {
			String text = ThrowableProxyUtil.asString(event.getThrowableProxy());
			assertThat(text)
				.contains("java.lang.IllegalStateException: card *** is wrong, total is ***", "Caused by",
						"java.lang.IllegalArgumentException", "Suppressed", "MessageDeliveryTests")
				.doesNotContain("4111", "12345678");
		});
	}

	@Test
	void whenHandlerThrowsAnErrorThenMessageGoesBack() {
		Verdict verdict = settled(request(), (message) -> {
			throw new StackOverflowError();
		});
		assertThat(verdict.retryReason()).isEqualTo("the handler failed with java.lang.StackOverflowError");
	}

	@Test
	@SuppressWarnings("NullAway")
	void whenHandlerReturnsNullThenMessageGoesBack() {
		assertThat(settled(request(), (message) -> null).retryReason()).isEqualTo("the handler gave no outcome");
		assertThat(settled(request(), handler((message) -> null)).acknowledged()).isFalse();
		assertThat(settled(request(), MessageHandler.async((message) -> CompletableFuture.completedFuture(null)))
			.retryReason()).isEqualTo("the handler gave no outcome");
		assertThat(logged()).hasSize(3);
	}

	@Test
	void whenResultCannotBeAFutureThenMessageGoesBack() {
		CompletionStage<MessageOutcome> odd = new CompletableFuture<>() {

			@Override
			public CompletableFuture<MessageOutcome> toCompletableFuture() {
				throw new UnsupportedOperationException();
			}

		};
		assertThat(settled(request(), handler((message) -> odd)).retryReason())
			.isEqualTo("the handler failed with java.lang.UnsupportedOperationException");
	}

	@Test
	void whenHandlerIsInterruptedBySomebodyElseThenMessageGoesBackAndTheThreadIsClean() {
		AtomicInteger calls = new AtomicInteger();
		assertThat(settled(request(), (message) -> {
			calls.incrementAndGet();
			Thread.currentThread().interrupt();
			throw new InterruptedException();
		}).retryReason()).isEqualTo("the handler failed with java.lang.InterruptedException");
		assertThat(settled(request(), (message) -> {
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
			return MessageOutcome.ACK;
		})).isEqualTo(Verdict.ACK);
	}

	@Test
	void whenHandlerIsTooSlowThenMessageGoesBackAndItsPlaceIsTakenUntilItsThreadIsBack() {
		RecordedSettlement<Verdict> delivered = deliver(delivery(request().withHandlerTimeout(SHORT), (message) -> {
			blockUntilEnd();
			return MessageOutcome.ACK;
		}), MESSAGE);
		assertThat(verdict(delivered).retryReason()).isEqualTo("not handled within 0.1s");
		assertThat(delivered.end()).isNotDone();
		this.end.countDown();
		awaitEnd(delivered);
		assertThat(verdict(delivered).acknowledged()).isFalse();
	}

	@Test
	void whenAsynchronousHandlerNeverCompletesThenItIsCancelled() {
		CompletableFuture<MessageOutcome> never = new CompletableFuture<>();
		assertThat(settled(request().withHandlerTimeout(SHORT), handler((message) -> never)).acknowledged()).isFalse();
		assertThat(never).isCancelled();
	}

	@Test
	void whenAsynchronousHandlerCompletesTwiceThenTheFirstTimeCounts() {
		CompletableFuture<MessageOutcome> result = new CompletableFuture<>();
		RecordedSettlement<Verdict> delivered = deliver(delivery(request(), handler((message) -> result)), MESSAGE);
		result.complete(MessageOutcome.ACK);
		assertThat(verdict(delivered)).isEqualTo(Verdict.ACK);
		awaitEnd(delivered);
		assertThat(result.complete(MessageOutcome.RETRY)).isFalse();
		result.obtrudeValue(MessageOutcome.RETRY);
		assertThat(verdict(delivered)).isEqualTo(Verdict.ACK);
	}

	@Test
	void whenAttemptFailsThenTheNextFollows() {
		AtomicInteger calls = new AtomicInteger();
		assertThat(settled(request().withAttempts(3, Duration.ofMillis(10)), (message) -> {
			if (calls.incrementAndGet() < 3) {
				throw new IllegalStateException();
			}
			return MessageOutcome.ACK;
		})).isEqualTo(Verdict.ACK);
		assertThat(calls).hasValue(3);
		assertThat(logged()).isEmpty();
	}

	@Test
	void whenAttemptsAreUsedUpThenItIsLoggedOnce() {
		AtomicInteger calls = new AtomicInteger();
		assertThat(settled(request().withAttempts(500, Duration.ZERO), (message) -> {
			calls.incrementAndGet();
			throw new IllegalStateException();
		}).acknowledged()).isFalse();
		assertThat(calls).hasValue(500);
		assertThat(logged()).singleElement().asString().contains("500 of 500 attempts");
	}

	@Test
	void whenWaitingForTheNextAttemptThenNoThreadIsTaken() {
		AtomicInteger calls = new AtomicInteger();
		MessageDelivery<Verdict> delivery = delivery(request().withAttempts(2, Duration.ofMinutes(5)), (message) -> {
			calls.incrementAndGet();
			return MessageOutcome.RETRY;
		});
		RecordedSettlement<Verdict> delivered = deliver(delivery, MESSAGE);
		await().until(() -> calls.get() == 1 && this.executor.getActiveCount() == 0);
		assertThat(delivered.outcome()).isNotDone();
		assertThat(delivered.end()).isNotDone();
		delivery.finish();
		assertThat(verdict(delivered).acknowledged()).isFalse();
		awaitEnd(delivered);
		assertThat(calls).hasValue(1);
	}

	@Test
	void whenTheNextAttemptHasJustBegunThenAMessageThatIsGivenBackIsNotHandled() {
		AtomicInteger calls = new AtomicInteger();
		ScheduledTasks tasks = new ScheduledTasks();
		MessageDelivery<Verdict> delivery = new MessageDelivery<>(request().withAttempts(3, Duration.ofMinutes(5)),
				(message) -> {
					calls.incrementAndGet();
					return MessageOutcome.RETRY;
				}, (timeout) -> new HandlerRunner(Runnable::run, tasks, timeout), tasks, this.published::add,
				(id, verdict) -> verdict);
		RecordedSettlement<Verdict> delivered = deliver(delivery, MESSAGE);
		delivery.finish();
		assertThat(verdict(delivered).acknowledged()).isFalse();
		// A task that has begun goes on when it is cancelled.
		tasks.last.run();
		tasks.shutdownNow();
		assertThat(calls).hasValue(1);
	}

	/**
	 * Keeps the last task, which the test runs.
	 */
	private static final class ScheduledTasks extends ScheduledThreadPoolExecutor {

		private Runnable last;

		ScheduledTasks() {
			super(0);
		}

		@Override
		public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
			this.last = task;
			return super.schedule(() -> {
			}, 1, TimeUnit.HOURS);
		}

	}

	@Test
	void whenThreadOfAnAttemptComesBackLateThenTheNextWaitsForIt() {
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		AtomicInteger calls = new AtomicInteger();
		CountDownLatch late = new CountDownLatch(1);
		RecordedSettlement<Verdict> delivered = deliver(delivery(
				request().withHandlerTimeout(Duration.ofSeconds(5)).withAttempts(2, Duration.ZERO), (message) -> {
					most.accumulateAndGet(running.incrementAndGet(), Math::max);
					try {
						if (calls.incrementAndGet() == 1) {
							awaitUninterruptibly(late);
						}
						return MessageOutcome.ACK;
					}
					finally {
						running.decrementAndGet();
					}
				}), MESSAGE);
		this.timer.schedule(late::countDown, 5500, TimeUnit.MILLISECONDS);
		assertThat(verdict(delivered)).isEqualTo(Verdict.ACK);
		awaitEnd(delivered);
		assertThat(calls).hasValue(2);
		assertThat(most).hasValue(1);
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		boolean done = false;
		while (!done) {
			try {
				latch.await();
				done = true;
			}
			catch (InterruptedException ex) {
				// The test ignores interrupts.
			}
		}
	}

	@Test
	void whenThreadOfAnAttemptDoesNotComeBackThenThereIsNoOther() {
		AtomicInteger calls = new AtomicInteger();
		RecordedSettlement<Verdict> delivered = deliver(
				delivery(request().withHandlerTimeout(SHORT).withAttempts(5, Duration.ZERO), (message) -> {
					calls.incrementAndGet();
					blockUntilEnd();
					return MessageOutcome.ACK;
				}), MESSAGE);
		assertThat(verdict(delivered).retryReason()).contains("its thread does not end");
		assertThat(delivered.end()).isNotDone();
		assertThat(calls).hasValue(1);
		this.end.countDown();
		awaitEnd(delivered);
	}

	@Test
	void whenFinishedWhileTheThreadOfAnAttemptIsLateThenMessageGoesBackAndItsPlaceIsTakenUntilItIsBack() {
		CountDownLatch interrupted = new CountDownLatch(1);
		MessageDelivery<Verdict> delivery = delivery(
				request().withHandlerTimeout(SHORT).withAttempts(2, Duration.ofMinutes(5)), (message) -> {
					try {
						this.end.await();
					}
					catch (InterruptedException ex) {
						// The outcome is known before the thread is interrupted.
						interrupted.countDown();
						blockUntilEnd();
					}
					return MessageOutcome.ACK;
				});
		RecordedSettlement<Verdict> delivered = deliver(delivery, MESSAGE);
		awaitUninterruptibly(interrupted);
		assertThat(delivered.outcome()).isNotDone();
		delivery.finish();
		assertThat(verdict(delivered).retryReason()).isEqualTo("not handled within 0.1s");
		assertThat(delivered.end()).isNotDone();
		this.end.countDown();
		awaitEnd(delivered);
	}

	@Test
	void whenDroppedWithoutDeadLetterTopicThenItIsDoneWithAndLogged() {
		assertThat(settled(request().withAttempts(5, Duration.ZERO), (message) -> MessageOutcome.DROP))
			.isEqualTo(Verdict.ACK);
		assertThat(logged()).singleElement().asString().contains("dropped", "not sent again").doesNotContain("secret");
	}

	@Test
	void whenDroppedForAReasonThenDeadLetterAndLogSayIt() {
		assertThat(settled(request().withAttempts(5, Duration.ZERO).withDeadLetterTopic("dead"), (message) -> {
			throw new MessageDroppedException("no order");
		})).isEqualTo(Verdict.ACK);
		assertThat(this.published).singleElement()
			.satisfies((published) -> assertThat(published.metadata()).containsEntry("deadLetterReason",
					"the handler dropped it: no order"));
		assertThat(logged()).singleElement()
			.asString()
			.contains("in 1 of 5 attempts: the handler dropped it: no order");
	}

	@Test
	void whenDroppedThenDeadLetterSaysWhyAndDoesNotExpire() {
		assertThat(settled(request().withDeadLetterTopic("dead"), (message) -> MessageOutcome.DROP))
			.isEqualTo(Verdict.ACK);
		assertThat(this.published)
			.containsExactly(new PublishRequest("dead", MESSAGE.data(), "text/plain", Map.of("token", "metadata-secret",
					"deadLetterSource", "orders", "deadLetterReason", "the handler dropped it")));
		assertThat(logged()).singleElement().asString().contains("'dead'").doesNotContain("secret");
	}

	@Test
	void whenDeadLetterCannotBePublishedThenMessageGoesBack() {
		RecordedSettlement<Verdict> delivered = deliver(
				delivery(request().withDeadLetterTopic("dead"), (message) -> MessageOutcome.DROP, (dead) -> {
					throw new IllegalStateException("payload-secret");
				}), MESSAGE);
		assertThat(verdict(delivered).retryReason()).contains("dead-letter topic did not take it");
		awaitEnd(delivered);
		assertThat(logged()).singleElement()
			.asString()
			.contains("'dead'", "java.lang.IllegalStateException")
			.doesNotContain("secret");
	}

	@Test
	void whenDeadLetterIsBeingPublishedThenMessageIsNotDoneWithYet() {
		CountDownLatch go = new CountDownLatch(1);
		CountDownLatch publishing = new CountDownLatch(1);
		RecordedSettlement<Verdict> delivered = deliver(
				delivery(request().withDeadLetterTopic("dead"), (message) -> MessageOutcome.DROP, (dead) -> {
					publishing.countDown();
					awaitUninterruptibly(go);
				}), MESSAGE);
		await().until(() -> publishing.getCount() == 0);
		assertThat(delivered.outcome()).isNotDone();
		go.countDown();
		assertThat(verdict(delivered)).isEqualTo(Verdict.ACK);
		awaitEnd(delivered);
	}

	@Test
	void whenStoppedThenHandlersAreInterruptedAndTheirMessagesGoBackWithoutALine() {
		CountDownLatch began = new CountDownLatch(1);
		MessageDelivery<Verdict> delivery = delivery(
				request().withAttempts(5, Duration.ZERO).withDeadLetterTopic("dead"), (message) -> {
					began.countDown();
					this.end.await();
					return MessageOutcome.ACK;
				});
		RecordedSettlement<Verdict> delivered = deliver(delivery, MESSAGE);
		await().until(() -> began.getCount() == 0);
		delivery.stop();
		assertThat(verdict(delivered).retryReason()).isEqualTo("the subscription has ended");
		awaitEnd(delivered);
		RecordedSettlement<Verdict> late = deliver(delivery, MESSAGE);
		assertThat(verdict(late).acknowledged()).isFalse();
		awaitEnd(late);
		assertThat(this.published).isEmpty();
		assertThat(logged()).isEmpty();
	}

	@Test
	void whenFinishedThenWhatRunsGoesOn() {
		CountDownLatch began = new CountDownLatch(1);
		MessageDelivery<Verdict> delivery = delivery(request(), (message) -> {
			began.countDown();
			awaitUninterruptibly(this.end);
			return MessageOutcome.ACK;
		});
		RecordedSettlement<Verdict> delivered = deliver(delivery, MESSAGE);
		await().until(() -> began.getCount() == 0);
		delivery.finish();
		this.end.countDown();
		assertThat(verdict(delivered)).isEqualTo(Verdict.ACK);
		awaitEnd(delivered);
	}

	@Test
	void whenNothingCanRunAnyMoreThenMessageGoesBack() {
		this.executor.shutdownNow();
		this.timer.shutdownNow();
		assertThat(settled(request().withAttempts(5, Duration.ZERO), (message) -> MessageOutcome.ACK).acknowledged())
			.isFalse();
	}

	@Test
	void whenIdAndTopicAreOddThenTheLineIsShortAndWhole() {
		Message odd = new Message("a\nb" + "x".repeat(1000), "or\u001bders", new byte[0], null, Map.of());
		awaitEnd(deliver(delivery(request(), (message) -> MessageOutcome.DROP), odd));
		assertThat(logged()).singleElement().asString().contains("'a b", "'or ders'").hasSizeLessThan(600);
	}

	@Test
	void whenAskedOnAHandlerThreadThenItIsHandling() {
		CompletableFuture<MessageDelivery<Verdict>> delivery = new CompletableFuture<>();
		CompletableFuture<Boolean> handling = new CompletableFuture<>();
		delivery.complete(delivery(request(), (message) -> {
			handling.complete(delivery.join().isHandling());
			return MessageOutcome.ACK;
		}));
		awaitEnd(deliver(delivery.join(), MESSAGE));
		assertThat(handling.join()).isTrue();
		assertThat(delivery.join().isHandling()).isFalse();
	}

	/**
	 * A handler that returns any stage, or none.
	 */
	private static MessageHandler handler(Function<Message, CompletionStage<MessageOutcome>> handler) {
		return new MessageHandler() {

			@Override
			public MessageOutcome handle(Message message) {
				throw new UnsupportedOperationException();
			}

			@Override
			public CompletionStage<MessageOutcome> handleAsync(Message message) {
				return handler.apply(message);
			}

		};
	}

}
