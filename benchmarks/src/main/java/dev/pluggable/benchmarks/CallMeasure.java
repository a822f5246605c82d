package dev.pluggable.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

import com.google.protobuf.ByteString;
import dev.pluggable.grpc.DynamicServiceKind;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStoreKind;

/**
 * Measures calls of a state store: through the injected object, through stubs, and with
 * lower floors for comparison.
 */
final class CallMeasure implements Measure {

	private static final String PROXY = "proxy";

	private static final String STUB = "stub";

	private static final String MESSAGES = "stub, messages";

	private static final String GENERATED = "generated contract";

	private static final String BARE = "bare stub";

	private static final String TCP = "stub, TCP";

	private static final String RAW = "ping-pong";

	private static final String DYNAMIC = "dynamic";

	private static final String JSON = "dynamic, JSON";

	private static final String MEMORY = "in memory";

	private static final Set<String> WAYS = Set.of(STUB, PROXY, MESSAGES, GENERATED, BARE, TCP, RAW, MEMORY, DYNAMIC,
			JSON);

	private static final int WARM_UP_CALLERS = 16;

	private static final int SMALL = 100;

	private static final int MEDIUM = 4 * 1024;

	private static final int LARGE = 1024 * 1024;

	private static final List<Setting> QUICK = List.of(new Setting(false, SMALL, 1), new Setting(true, SMALL, 1),
			new Setting(false, SMALL, 16), new Setting(false, LARGE, 1));

	private final boolean virtual;

	CallMeasure(boolean virtual) {
		this.virtual = virtual;
	}

	@Override
	public void run(Scale scale, Report report) throws Exception {
		Table table = report.table("Calls of a state store" + (this.virtual ? " on virtual threads" : ""),
				"Times are in microseconds; bytes and processor time are those of this process per call. Ratios are "
						+ "relative to the stub, round by round: less is better.");
		try (Side side = new Side()) {
			warmUp(side, scale);
			List<Setting> settings = scale.quick() ? QUICK : all();
			for (Setting setting : settings) {
				boolean two = scale.quick() && !setting.equals(settings.get(0));
				measure(setting, two ? Set.of(STUB, PROXY, MESSAGES, GENERATED) : WAYS, side, scale, table, report);
			}
		}
	}

	/**
	 * Warm up all ways with many callers, which make more calls in the same time.
	 */
	private void warmUp(Side side, Scale scale) throws Exception {
		try (Callers callers = callers(WARM_UP_CALLERS)) {
			Rounds<Callers.Result> rounds = new Rounds<>(side.warmup());
			for (boolean set : new boolean[] { false, true }) {
				Setting setting = new Setting(set, SMALL, WARM_UP_CALLERS);
				for (Map.Entry<String, StateCalls> way : ways(side).entrySet()) {
					rounds.add(way.getKey() + set, measurement(callers, setting, way.getValue(), scale));
				}
			}
			rounds.warmUp(scale.warmUp().multipliedBy(4));
		}
	}

	private Callers callers(int size) {
		return this.virtual ? Callers.virtual(size) : Callers.platform(size);
	}

	private static Map<String, StateCalls> ways(Side side) {
		Map<String, StateCalls> ways = new LinkedHashMap<>();
		ways.put(STUB, StateCalls.byHand(side.unix()));
		ways.put(PROXY, StateCalls.of(side.injected(StateStoreKind.INSTANCE)));
		ways.put(MESSAGES, StateCalls.messages(side.unix()));
		ways.put(GENERATED, StateCalls
			.generated(dev.pluggable.proto.components.v1.StateStoreKind.INSTANCE.createProxy(side.client())));
		ways.put(BARE, StateCalls.bare(side.unix()));
		ways.put(TCP, StateCalls.byHand(side.tcp()));
		ways.put(DYNAMIC, StateCalls.dynamic(side.injected(DynamicServiceKind.INSTANCE)));
		ways.put(JSON, StateCalls.json(side.injected(DynamicServiceKind.INSTANCE)));
		ways.put(MEMORY, StateCalls.of(new InMemoryStateStore()));
		return ways;
	}

	private static List<Setting> all() {
		List<Setting> settings = new ArrayList<>();
		for (int size : new int[] { SMALL, MEDIUM, LARGE }) {
			for (int callers : new int[] { 1, 16, 256 }) {
				settings.add(new Setting(false, size, callers));
				settings.add(new Setting(true, size, callers));
			}
		}
		return settings;
	}

	private void measure(Setting setting, Set<String> names, Side side, Scale scale, Table table, Report report)
			throws Exception {
		List<PingPong> connections = new ArrayList<>();
		try (Callers callers = callers(setting.callers())) {
			Rounds<Callers.Result> rounds = new Rounds<>(side.warmup());
			for (Map.Entry<String, StateCalls> way : ways(side).entrySet()) {
				if (names.contains(way.getKey())) {
					rounds.add(way.getKey(), measurement(callers, setting, way.getValue(), scale));
				}
			}
			if (names.contains(RAW)) {
				List<Callable<?>> raw = new ArrayList<>();
				for (int i = 0; i < setting.callers(); i++) {
					PingPong connection = setting.pingPong(side);
					connections.add(connection);
					raw.add(connection::call);
				}
				rounds.add(RAW, () -> callers.round(raw, scale.round()));
			}
			rounds.run(scale);
			for (String name : rounds.names()) {
				table.row("call", setting.toString(), "by", name, "calls/s",
						rounds.figure(name, Callers.Result::perSecond).median(), "p50",
						rounds.figure(name, Callers.Result::p50).median(), "p99",
						rounds.figure(name, Callers.Result::p99).median(), "bytes",
						rounds.figure(name, Callers.Result::bytes).median(), "processor",
						rounds.figure(name, Callers.Result::processor).median(), "p50 ratio",
						rounds.ratio(name, STUB, Callers.Result::p50), "time ratio",
						rounds.ratio(name, STUB, Callers.Result::interval));
			}
			aims(setting, rounds, report);
		}
		finally {
			for (PingPong connection : connections) {
				connection.close();
			}
		}
	}

	private Rounds.Measurement<Callers.Result> measurement(Callers callers, Setting setting, StateCalls calls,
			Scale scale) {
		byte[] value = new byte[setting.size()];
		String key = setting.key();
		calls.set(key, value);
		Callable<?> call = setting.set() ? () -> calls.set(key, value) : () -> calls.get(key);
		return () -> callers.round(Collections.nCopies(setting.callers(), call), scale.round());
	}

	private void aims(Setting setting, Rounds<Callers.Result> rounds, Report report) {
		if (this.virtual) {
			return;
		}
		aims(setting, PROXY, STUB, rounds, report);
		aims(setting, GENERATED, MESSAGES, rounds, report);
	}

	private static void aims(Setting setting, String way, String stub, Rounds<Callers.Result> rounds, Report report) {
		String what = setting + ": ";
		String against = way + " against " + stub;
		report.aims()
			.add(Aim.orBetter(what + "p50, " + against, 1.05, rounds.ratio(way, stub, Callers.Result::p50).median()));
		report.aims()
			.add(Aim.orBetter(what + "throughput, " + against, 1.05,
					rounds.ratio(way, stub, Callers.Result::interval).median()));
		if (setting.size() == SMALL) {
			report.aims()
				.add(Aim.atMost(what + "bytes, " + way + " above " + stub, 150, " B",
						rounds.figure(way, Callers.Result::bytes).median()
								- rounds.figure(stub, Callers.Result::bytes).median()));
		}
	}

	/**
	 * One kind of call.
	 *
	 * @param set whether the call writes a value; otherwise it reads one
	 * @param size size of the value in bytes
	 * @param callers number of concurrent callers
	 */
	private record Setting(boolean set, int size, int callers) {

		String key() {
			return "key-" + this.size;
		}

		/**
		 * Open a connection that transfers as many bytes as the messages of the call have
		 * with gRPC's prefix of five bytes.
		 */
		PingPong pingPong(Side side) throws IOException {
			ByteString value = ByteString.copyFrom(new byte[this.size]);
			int withKey = 5 + StateProto.GetRequest.newBuilder().setKey(key()).build().getSerializedSize();
			int withValue = 5 + StateProto.GetResponse.newBuilder().setData(value).build().getSerializedSize();
			return this.set ? PingPong.connect(side.pingPong(), withKey + withValue, 5)
					: PingPong.connect(side.pingPong(), withKey, withValue);
		}

		@Override
		public String toString() {
			String bytes = (this.size < LARGE) ? String.format(Locale.ROOT, "%,d B", this.size) : "1 MiB";
			return (this.set ? "set " : "get ") + bytes + ", " + this.callers
					+ ((this.callers == 1) ? " caller" : " callers");
		}

	}

}
