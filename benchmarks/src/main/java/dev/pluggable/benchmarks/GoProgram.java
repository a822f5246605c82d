package dev.pluggable.benchmarks;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Builds programs in Go.
 */
public final class GoProgram {

	private GoProgram() {
	}

	/**
	 * Build a program.
	 * @param sources folder of the main package
	 * @param program path of the program
	 * @return whether Go is there and has built the program
	 * @throws InterruptedException if the calling thread is interrupted
	 */
	public static boolean build(Path sources, Path program) throws InterruptedException {
		return build(sources, ".", program);
	}

	/**
	 * Build a program.
	 * @param sources folder of the module
	 * @param main the main package, relative to the module
	 * @param program path of the program
	 * @return whether Go is there and has built the program
	 * @throws InterruptedException if the calling thread is interrupted
	 */
	static boolean build(Path sources, String main, Path program) throws InterruptedException {
		try {
			return new ProcessBuilder("go", "build", "-o", program.toString(), main).directory(sources.toFile())
				.inheritIO()
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start()
				.waitFor() == 0;
		}
		catch (IOException ex) {
			return false;
		}
	}

}
