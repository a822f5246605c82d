package dev.pluggable.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStoreKind;

/**
 * Measure 1: what a call of a state store costs.
 */
final class CallMeasure {

	static final String PROXY = "proxy";

	static final String STUB = "stub";

	public static void main(String[] arguments) throws Exception {
		int rounds = Integer.parseInt(arguments[0]);
		Duration duration = Duration.ofMillis(Long.parseLong(arguments[1]));
		int size = Integer.parseInt(arguments[2]);
		int callers = Integer.parseInt(arguments[3]);
		try (Side side = new Side()) {
			Map<String, StateCalls> ways = new LinkedHashMap<>();
			ways.put(STUB, StateCalls.byHand(side.bare().unix(side.socket())));
			ways.put(PROXY, StateCalls.of(side.injected(StateStoreKind.INSTANCE)));
			ways.put("bare stub", StateCalls.bare(side.bare().unix(side.socket())));
			byte[] value = new byte[size];
			ways.values().forEach((way) -> way.set("key", value));
			for (boolean get : new boolean[] { true, false }) {
				Map<String, List<Crew.Round>> results = new LinkedHashMap<>();
				try (Crew crew = Crew.platform(callers)) {
					for (int round = -3; round < rounds; round++) {
						List<String> names = new ArrayList<>(ways.keySet());
						if (round % 2 != 0) {
							java.util.Collections.reverse(names);
						}
						for (String name : names) {
							StateCalls way = ways.get(name);
							Callable<?> call = get ? () -> way.get("key") : () -> way.set("key", value);
							Crew.Round result = crew.round(java.util.Collections.nCopies(callers, call), duration);
							if (round >= 0) {
								results.computeIfAbsent(name, (key) -> new ArrayList<>()).add(result);
							}
						}
					}
				}
				results.forEach((name, list) -> System.out.printf(Locale.ROOT,
						"%s %-10s %8.0f/s p50 %7.1f us p99 %7.1f us %9.0f B %6.1f us cpu | p50 ratio %s | interval ratio %s%n",
						get ? "get" : "set", name, Spread.of(list, Crew.Round::perSecond).median(),
						Spread.of(list, Crew.Round::p50).median(), Spread.of(list, Crew.Round::p99).median(),
						Spread.of(list, Crew.Round::bytes).median(), Spread.of(list, Crew.Round::processor).median(),
						Spread.ofRatios(list, results.get(STUB), Crew.Round::p50),
						Spread.ofRatios(list, results.get(STUB), Crew.Round::interval)));
			}
		}
	}

}
