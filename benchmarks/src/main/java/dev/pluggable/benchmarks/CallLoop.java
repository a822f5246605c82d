package dev.pluggable.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

import dev.pluggable.state.StateStoreKind;

/**
 * Makes as many calls as it is told to, one after the other, so that somebody can look at
 * the process meanwhile.
 */
final class CallLoop {

	private static final int SIZE = 100;

	private CallLoop() {
	}

	/**
	 * Read numbers from the standard input until it ends; answer each when so many calls
	 * are made.
	 * @param arguments {@code proxy}, {@code stub}, {@code tcp} or {@code ping-pong}
	 */
	public static void main(String[] arguments) throws Exception {
		try (Side side = new Side()) {
			Callable<?> call = call(arguments[0], side);
			System.out.println(ServerProcess.LISTENING + arguments[0]);
			BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
			for (String line = input.readLine(); line != null; line = input.readLine()) {
				for (int i = Integer.parseInt(line); i > 0; i--) {
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
