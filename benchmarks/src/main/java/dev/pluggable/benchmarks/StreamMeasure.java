package dev.pluggable.benchmarks;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
 * What many keys at once, publishing and subscribing cost.
 */
final class StreamMeasure implements Measure {

	private static final String PROXY = "proxy";

	private static final String STUB = "stub";

	private static final String STREAM = "bare stream";

	private static final String SUBSCRIPTION = "subscription";

	private static final int KEYS = 1000;

	private static final int SIZE = 100;

	private static final int MANY = 16;

	@Override
	public void run(Scale scale, Report report) throws Exception {
		try (Side side = new Side()) {
			Table calls = report.table("Many keys at once, and publishing",
					"As above, with 100 B in each value. The stub is by hand, with a deadline.");
			bulkGet(side, scale, calls);
			publish(side, scale, calls);
			Table streams = report.table("Subscriptions",
					"The component sends 100 B each as fast as they are taken. Both sides acknowledge each message and "
							+ "then ask for one more; the handler only counts. The bare stream copies the data and handles "
							+ "one at a time, on gRPC's thread, however many it has asked for; the subscription hands on "
							+ "the array of the message, and its handlers may block, as many at a time as there are. The "
							+ "ratio is of messages a second to the bare stream, round by round: the more the better.");
			for (int handlers : new int[] { 1, MANY }) {
				// More code runs for a message than for a call.
				subscribe(side, scale.withWarmUp(scale.warmUp().multipliedBy(2)), handlers, streams, report);
			}
			Table queue = report.table("Time in the queue",
					"Microseconds from where the component sends a message to where its handler begins, at 1,000 "
							+ "messages a second. The ratio is to the bare stream.");
			for (int handlers : new int[] { 1, MANY }) {
				// The same code, which is warm by now.
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
		try (Crew crew = Crew.platform(1)) {
			Turns<Crew.Round> turns = new Turns<>(side.warmth());
			turns.add(STUB, () -> crew.round(List.of(stub), scale.round()));
			turns.add(PROXY, () -> crew.round(List.of(proxy), scale.round()));
			turns.run(scale);
			for (String name : turns.names()) {
				table.row("call", what, "by", name, "calls/s", turns.figure(name, Crew.Round::perSecond).median(),
						"p50", turns.figure(name, Crew.Round::p50).median(), "p99",
						turns.figure(name, Crew.Round::p99).median(), "bytes",
						turns.figure(name, Crew.Round::bytes).median(), "p50 ratio",
						turns.ratio(name, STUB, Crew.Round::p50), "time ratio",
						turns.ratio(name, STUB, Crew.Round::interval));
			}
		}
	}

	private static void subscribe(Side side, Scale scale, int handlers, Table table, Report report) throws Exception {
		PubSub bus = side.injected(PubSubKind.INSTANCE);
		LongAdder count = new LongAdder();
		Turns<Flow> turns = new Turns<>(side.warmth());
		turns.add(STREAM, () -> {
			BareSubscription subscription = BareSubscription.open(side.unix(), BarePubSub.FLOOD, handlers,
					(data) -> count.increment());
			try {
				return Flow.measure(count, scale.round());
			}
			finally {
				subscription.close();
			}
		});
		turns.add(SUBSCRIPTION, () -> {
			try (Subscription subscription = open(bus, BarePubSub.FLOOD, handlers, (data) -> count.increment())) {
				return Flow.measure(count, scale.round());
			}
		});
		turns.run(scale);
		for (String name : turns.names()) {
			table.row("handlers", handlers, "by", name, "messages/s", turns.figure(name, Flow::perSecond).median(),
					"bytes", turns.figure(name, Flow::bytes).median(), "processor",
					turns.figure(name, Flow::processor).median(), "ratio", turns.ratio(name, STREAM, Flow::perSecond));
		}
		report.aims()
			.add(Aim.atLeast("subscription against a bare stream, " + handlers + " handlers", 0.9, "",
					turns.ratio(SUBSCRIPTION, STREAM, Flow::perSecond).median()));
	}

	private static void queue(Side side, Scale scale, int handlers, Table table) throws Exception {
		PubSub bus = side.injected(PubSubKind.INSTANCE);
		Turns<Histogram> turns = new Turns<>(side.warmth());
		String topic = BarePubSub.RATE + 1000;
		Duration time = scale.round().multipliedBy(2);
		turns.add(STREAM, () -> {
			Histogram waits = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
			BareSubscription subscription = BareSubscription.open(side.unix(), topic, handlers,
					(data) -> waits.recordValue(age(data)));
			try {
				TimeUnit.NANOSECONDS.sleep(time.toNanos());
			}
			finally {
				subscription.close();
			}
			return waits;
		});
		turns.add(SUBSCRIPTION, () -> {
			Histogram waits = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
			try (Subscription subscription = open(bus, topic, handlers, (data) -> waits.recordValue(age(data)))) {
				TimeUnit.NANOSECONDS.sleep(time.toNanos());
			}
			return waits;
		});
		turns.run(scale);
		for (String name : turns.names()) {
			table.row("handlers", handlers, "by", name, "p50", turns.figure(name, micros(50)).median(), "p99",
					turns.figure(name, micros(99)).median(), "p50 ratio", turns.ratio(name, STREAM, micros(50)));
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
	 * What came through.
	 *
	 * @param perSecond messages a second
	 * @param bytes bytes allocated for each, by all threads
	 * @param processor microseconds of the processor for each, in this process
	 */
	private record Flow(double perSecond, double bytes, double processor) {

		/**
		 * Measure what flows, from the first message on.
		 */
		static Flow measure(LongAdder count, Duration duration) throws InterruptedException {
			long before = count.sum();
			long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
			while (count.sum() == before) {
				if (System.nanoTime() > deadline) {
					throw new IllegalStateException("No message comes");
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
