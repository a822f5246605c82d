package dev.pluggable.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

import dev.pluggable.state.StateStoreKind;

/**
 * Makes a requested number of calls, one after the other, while another program observes
 * this process.
 */
final class CallLoop {

	/** Ways to call, the most important ones first. */
	static final List<String> WAYS = List.of("stub", "proxy", "tcp", "ping-pong");

	private static final int SIZE = 100;

	private CallLoop() {
	}

	/**
	 * Read lines from the standard input until it ends. A line consists of {@code proxy},
	 * {@code stub}, {@code tcp} or {@code ping-pong} and the number of calls. The answer
	 * follows the last call.
	 * @param arguments ignored
	 */
	public static void main(String[] arguments) throws Exception {
		try (Side side = new Side()) {
			Map<String, Callable<?>> ways = new HashMap<>();
			for (String way : WAYS) {
				ways.put(way, call(way, side));
			}
			System.out.println(ServerProcess.LISTENING);
			BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
			for (String line = input.readLine(); line != null; line = input.readLine()) {
				String[] words = line.split(" ");
				Callable<?> call = Objects.requireNonNull(ways.get(words[0]), words[0]);
				for (int i = Integer.parseInt(words[1]); i > 0; i--) {
					call.call();
				}
				System.out.println("done");
			}
		}
		System.exit(0);
	}

	private static Callable<?> call(String way, Side side) throws IOException {
		if (way.equals("ping-pong")) {
			return PingPong.connect(side.pingPong(), SIZE, SIZE)::call;
		}
		StateCalls calls = switch (way) {
			case "proxy" -> StateCalls.of(side.injected(StateStoreKind.INSTANCE));
			case "stub" -> StateCalls.byHand(side.unix());
			case "tcp" -> StateCalls.byHand(side.tcp());
			default -> throw new IllegalArgumentException("There is no '" + way + "'");
		};
		calls.set("key", new byte[SIZE]);
		return () -> calls.get("key");
	}

}
