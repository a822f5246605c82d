package dev.pluggable.protoc;

import java.util.stream.Collectors;

/**
 * Pieces of code.
 */
final class Code {

	private Code() {
	}

	/**
	 * Move each line to the right.
	 */
	static String indent(String code) {
		return code.lines()
			.map((line) -> line.isEmpty() ? line : "\t" + line)
			.collect(Collectors.joining("\n", "", "\n"));
	}

}
