package dev.pluggable.benchmarks;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

import com.google.protobuf.UnsafeByteOperations;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.pubsub.Subscription;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Measures bulk reads, publishing and subscriptions.
 */
final class StreamMeasure implements Measure {

	private static final String PROXY = "proxy";

	private static final String STUB = "stub";

	private static final String STREAM = "bare stream";

	private static final String THREADS = "bare stream, threads";

	private static final String SUBSCRIPTION = "subscription";

	private static final int KEYS = 1000;

	private static final int SIZE = 100;

	private static final int MANY = 16;

	@Override
	public void run(Scale scale, Report report) throws Exception {
		try (Side side = new Side()) {
			Table calls = report.table("Many keys at once, and publishing",
					"Columns as for calls; each value has 100 B. The stub has a deadline.");
			bulkGet(side, scale, calls);
			publish(side, scale, calls);
			Table streams = report.table("Subscriptions",
					"The component sends messages of 100 B as fast as the subscriber takes them. Both sides acknowledge "
							+ "each message and then request another one; the handler only counts. The bare stream copies the "
							+ "data and handles one message at a time on gRPC's thread. The subscription passes the array of "
							+ "the message on, and its handlers may block and run concurrently. A bare stream with threads "
							+ "is the floor of that: it hands each message to one of as many threads. The ratio compares "
							+ "messages per second with the bare stream, round by round: more is better.");
			for (int handlers : new int[] { 1, MANY }) {
				// A message runs more code than a call, so the warm-up is longer.
				subscribe(side, scale.withWarmUp(scale.warmUp().multipliedBy(2)), handlers, streams, report);
			}
			Table queue = report.table("Time in the queue",
					"Microseconds from the moment at which the component sends a message to the start of its handler, at "
							+ "1,000 messages per second. The ratio is relative to the bare stream.");
			for (int handlers : new int[] { 1, MANY }) {
				// The same code ran before and is warm.
				queue(side, scale.withRounds(Math.min(scale.quick() ? 3 : 5, scale.rounds()))
					.withWarmUp(Duration.ofMillis(1)), handlers, queue);
			}
		}
	}

	private static void bulkGet(Side side, Scale scale, Table table) throws Exception {
		StateStore store = side.injected(StateStoreKind.INSTANCE);
		List<String> keys = new ArrayList<>();
		for (int i = 0; i < KEYS; i++) {
			String key = "bulk-" + i;
			keys.add(key);
			store.set(key, new byte[SIZE]);
		}
		StateStoreGrpc.StateStoreBlockingStub stub = StateStoreGrpc.newBlockingStub(side.unix());
		calls(side, "bulk get of 1,000 keys", () -> store.bulkGet(keys), () -> {
			StateProto.BulkGetRequest.Builder request = StateProto.BulkGetRequest.newBuilder();
			for (String key : keys) {
				request.addItemsBuilder().setKey(key);
			}
			List<StateCalls.ByHand> items = new ArrayList<>();
			for (StateProto.BulkStateItem item : stub.withDeadlineAfter(StateCalls.DEADLINE_SECONDS, TimeUnit.SECONDS)
				.bulkGet(request.build())
				.getItemsList()) {
				items.add(StateCalls.ByHand.of(item));
			}
			return items;
		}, scale, table);
	}

	private static void publish(Side side, Scale scale, Table table) throws Exception {
		PubSub bus = side.injected(PubSubKind.INSTANCE);
		byte[] data = new byte[SIZE];
		PubSubGrpc.PubSubBlockingStub stub = PubSubGrpc.newBlockingStub(side.unix());
		calls(side, "publish", () -> {
			bus.publish("topic", data);
			return bus;
		}, () -> stub.withDeadlineAfter(StateCalls.DEADLINE_SECONDS, TimeUnit.SECONDS)
			.publish(PubSubProto.PublishRequest.newBuilder()
				.setPubsubName("bus")
				.setTopic("topic")
				.setData(UnsafeByteOperations.unsafeWrap(data))
				.build()), scale, table);
	}

	private static void calls(Side side, String what, Callable<?> proxy, Callable<?> stub, Scale scale, Table table)
			throws Exception {
		try (Callers callers = Callers.platform(1)) {
			Rounds<Callers.Result> rounds = new Rounds<>(side.warmup());
			rounds.add(STUB, () -> callers.round(List.of(stub), scale.round()));
			rounds.add(PROXY, () -> callers.round(List.of(proxy), scale.round()));
			rounds.run(scale);
			for (String name : rounds.names()) {
				table.row("call", what, "by", name, "calls/s", rounds.figure(name, Callers.Result::perSecond).median(),
						"p50", rounds.figure(name, Callers.Result::p50).median(), "p99",
						rounds.figure(name, Callers.Result::p99).median(), "bytes",
						rounds.figure(name, Callers.Result::bytes).median(), "p50 ratio",
						rounds.ratio(name, STUB, Callers.Result::p50), "time ratio",
						rounds.ratio(name, STUB, Callers.Result::interval));
			}
		}
	}

	private static void subscribe(Side side, Scale scale, int handlers, Table table, Report report) throws Exception {
		PubSub bus = side.injected(PubSubKind.INSTANCE);
		LongAdder count = new LongAdder();
		Rounds<Flow> rounds = new Rounds<>(side.warmup());
		rounds.add(STREAM, () -> bare(side, scale, handlers, Runnable::run, count));
		ExecutorService threads = Executors.newFixedThreadPool(handlers);
		if (handlers > 1) {
			rounds.add(THREADS, () -> bare(side, scale, handlers, threads, count));
		}
		rounds.add(SUBSCRIPTION, () -> {
			try (Subscription subscription = open(bus, BarePubSub.FLOOD, handlers, (data) -> count.increment())) {
				return Flow.measure(count, scale.round());
			}
		});
		try {
			rounds.run(scale);
		}
		finally {
			threads.shutdown();
		}
		for (String name : rounds.names()) {
			table.row("handlers", handlers, "by", name, "messages/s", rounds.figure(name, Flow::perSecond).median(),
					"bytes", rounds.figure(name, Flow::bytes).median(), "processor",
					rounds.figure(name, Flow::processor).median(), "ratio",
					rounds.ratio(name, STREAM, Flow::perSecond));
		}
		report.aims()
			.add(Aim.atLeast("subscription against a bare stream, " + handlers + " handlers", 0.9, "",
					rounds.ratio(SUBSCRIPTION, STREAM, Flow::perSecond).median()));
		if (handlers > 1) {
			report.aims()
				.add(Aim.atLeast("subscription against a bare stream with threads, " + handlers + " handlers", 1.0, "",
						rounds.ratio(SUBSCRIPTION, THREADS, Flow::perSecond).median()));
		}
	}

	private static Flow bare(Side side, Scale scale, int handlers, Executor threads, LongAdder count)
			throws InterruptedException {
		BareSubscription subscription = BareSubscription.open(side.unix(), BarePubSub.FLOOD, handlers, threads,
				(data) -> count.increment());
		try {
			return Flow.measure(count, scale.round());
		}
		finally {
			subscription.close();
		}
	}

	private static void queue(Side side, Scale scale, int handlers, Table table) throws Exception {
		PubSub bus = side.injected(PubSubKind.INSTANCE);
		Rounds<Histogram> rounds = new Rounds<>(side.warmup());
		String topic = BarePubSub.RATE + 1000;
		Duration time = scale.round().multipliedBy(2);
		rounds.add(STREAM, () -> {
			Histogram waits = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
			BareSubscription subscription = BareSubscription.open(side.unix(), topic, handlers, Runnable::run,
					(data) -> waits.recordValue(age(data)));
			try {
				TimeUnit.NANOSECONDS.sleep(time.toNanos());
			}
			finally {
				subscription.close();
			}
			return waits;
		});
		rounds.add(SUBSCRIPTION, () -> {
			Histogram waits = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
			try (Subscription subscription = open(bus, topic, handlers, (data) -> waits.recordValue(age(data)))) {
				TimeUnit.NANOSECONDS.sleep(time.toNanos());
			}
			return waits;
		});
		rounds.run(scale);
		for (String name : rounds.names()) {
			table.row("handlers", handlers, "by", name, "p50", rounds.figure(name, micros(50)).median(), "p99",
					rounds.figure(name, micros(99)).median(), "p50 ratio", rounds.ratio(name, STREAM, micros(50)));
		}
	}

	private static ToDoubleFunction<Histogram> micros(double percentile) {
		return (histogram) -> histogram.getValueAtPercentile(percentile) / 1e3;
	}

	private static long age(byte[] data) {
		return Math.max(0, System.nanoTime() - ByteBuffer.wrap(data).getLong());
	}

	private static Subscription open(PubSub bus, String topic, int handlers, Consumer<byte[]> handler) {
		return bus.subscribe(SubscribeRequest.of(topic).withConcurrency(handlers), (message) -> {
			handler.accept(message.data());
			return MessageOutcome.ACK;
		});
	}

	/**
	 * The figures of a stream of messages.
	 *
	 * @param perSecond messages per second
	 * @param bytes bytes that all threads allocated per message
	 * @param processor processor time of this process per message in microseconds
	 */
	private record Flow(double perSecond, double bytes, double processor) {

		/**
		 * Measure from the first message on.
		 */
		static Flow measure(LongAdder count, Duration duration) throws InterruptedException {
			long before = count.sum();
			long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
			while (count.sum() == before) {
				if (System.nanoTime() > deadline) {
					throw new IllegalStateException("No message arrived");
				}
				TimeUnit.MILLISECONDS.sleep(1);
			}
			long first = count.sum();
			long bytes = Allocation.bytes();
			long processor = Allocation.processorNanos();
			long begun = System.nanoTime();
			TimeUnit.NANOSECONDS.sleep(duration.toNanos());
			double messages = count.sum() - first;
			long nanos = System.nanoTime() - begun;
			return new Flow(messages * 1e9 / nanos, (Allocation.bytes() - bytes) / messages,
					(Allocation.processorNanos() - processor) / 1e3 / messages);
		}

	}

}
