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
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStoreKind;

/**
 * What a call of a state store costs, through the injected object and otherwise.
 */
final class CallMeasure implements Measure {

	private static final String PROXY = "proxy";

	private static final String STUB = "stub";

	private static final String BARE = "bare stub";

	private static final String TCP = "stub, TCP";

	private static final String RAW = "ping-pong";

	private static final String MEMORY = "in memory";

	private static final Set<String> WAYS = Set.of(STUB, PROXY, BARE, TCP, RAW, MEMORY);

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
				"Times in microseconds; bytes and processor time of this process for each call. The ratios are to the "
						+ "stub, round by round: the less the better.");
		try (Side side = new Side()) {
			warmUp(side, scale);
			List<Setting> settings = scale.quick() ? QUICK : all();
			for (Setting setting : settings) {
				boolean two = scale.quick() && !setting.equals(settings.get(0));
				measure(setting, two ? Set.of(STUB, PROXY) : WAYS, side, scale, table, report);
			}
		}
	}

	/**
	 * Call with many callers, in all ways, since that makes more calls in the same time.
	 */
	private void warmUp(Side side, Scale scale) throws Exception {
		try (Crew crew = crew(WARM_UP_CALLERS)) {
			Turns<Crew.Round> turns = new Turns<>(side.warmth());
			for (boolean set : new boolean[] { false, true }) {
				Setting setting = new Setting(set, SMALL, WARM_UP_CALLERS);
				for (Map.Entry<String, StateCalls> way : ways(side).entrySet()) {
					turns.add(way.getKey() + set, turn(crew, setting, way.getValue(), scale));
				}
			}
			turns.warmUp(scale.warmUp().multipliedBy(4));
		}
	}

	private Crew crew(int size) {
		return this.virtual ? Crew.virtual(size) : Crew.platform(size);
	}

	private static Map<String, StateCalls> ways(Side side) {
		Map<String, StateCalls> ways = new LinkedHashMap<>();
		ways.put(STUB, StateCalls.byHand(side.unix()));
		ways.put(PROXY, StateCalls.of(side.injected(StateStoreKind.INSTANCE)));
		ways.put(BARE, StateCalls.bare(side.unix()));
		ways.put(TCP, StateCalls.byHand(side.tcp()));
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
		try (Crew crew = crew(setting.callers())) {
			Turns<Crew.Round> turns = new Turns<>(side.warmth());
			for (Map.Entry<String, StateCalls> way : ways(side).entrySet()) {
				if (names.contains(way.getKey())) {
					turns.add(way.getKey(), turn(crew, setting, way.getValue(), scale));
				}
			}
			if (names.contains(RAW)) {
				List<Callable<?>> raw = new ArrayList<>();
				for (int i = 0; i < setting.callers(); i++) {
					PingPong connection = setting.pingPong(side);
					connections.add(connection);
					raw.add(connection::call);
				}
				turns.add(RAW, () -> crew.round(raw, scale.round()));
			}
			turns.run(scale);
			for (String name : turns.names()) {
				table.row("call", setting.toString(), "by", name, "calls/s",
						turns.figure(name, Crew.Round::perSecond).median(), "p50",
						turns.figure(name, Crew.Round::p50).median(), "p99",
						turns.figure(name, Crew.Round::p99).median(), "bytes",
						turns.figure(name, Crew.Round::bytes).median(), "processor",
						turns.figure(name, Crew.Round::processor).median(), "p50 ratio",
						turns.ratio(name, STUB, Crew.Round::p50), "time ratio",
						turns.ratio(name, STUB, Crew.Round::interval));
			}
			aims(setting, turns, report);
		}
		finally {
			for (PingPong connection : connections) {
				connection.close();
			}
		}
	}

	private Turns.Turn<Crew.Round> turn(Crew crew, Setting setting, StateCalls calls, Scale scale) {
		byte[] value = new byte[setting.size()];
		String key = setting.key();
		calls.set(key, value);
		Callable<?> call = setting.set() ? () -> calls.set(key, value) : () -> calls.get(key);
		return () -> crew.round(Collections.nCopies(setting.callers(), call), scale.round());
	}

	private void aims(Setting setting, Turns<Crew.Round> turns, Report report) {
		if (this.virtual) {
			return;
		}
		String what = setting + ": ";
		report.aims()
			.add(Aim.orBetter(what + "p50, proxy against stub", 1.05,
					turns.ratio(PROXY, STUB, Crew.Round::p50).median()));
		report.aims()
			.add(Aim.orBetter(what + "throughput, proxy against stub", 1.05,
					turns.ratio(PROXY, STUB, Crew.Round::interval).median()));
		if (setting.size() == SMALL) {
			report.aims()
				.add(Aim.atMost(what + "bytes, proxy above stub", 150, " B",
						turns.figure(PROXY, Crew.Round::bytes).median()
								- turns.figure(STUB, Crew.Round::bytes).median()));
		}
	}

	/**
	 * What is called.
	 *
	 * @param set whether a value is written, and not read
	 * @param size its size in bytes
	 * @param callers how many call at the same time
	 */
	private record Setting(boolean set, int size, int callers) {

		String key() {
			return "key-" + this.size;
		}

		/**
		 * A connection on which as many bytes go to and fro as the messages of the call
		 * have, and gRPC's five before each.
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
