package dev.pluggable.protoc;

import java.util.ArrayList;
import java.util.List;

/**
 * Javadoc from the comments of a {@code .proto}.
 */
final class Javadoc {

	private final List<String> lines = new ArrayList<>();

	/**
	 * Begin with a comment, which is shown as the text that it is.
	 * @param comment the comment of the {@code .proto}
	 * @param otherwise Javadoc in place of an empty comment
	 */
	Javadoc(String comment, String otherwise) {
		if (comment.isBlank()) {
			text(otherwise);
			return;
		}
		boolean paragraph = false;
		for (String line : comment.strip().split("\\R")) {
			if (line.isBlank()) {
				paragraph = true;
			}
			else {
				if (paragraph) {
					this.lines.add("<p>");
				}
				paragraph = false;
				this.lines.add(escape(line.strip()));
			}
		}
	}

	/**
	 * Add Javadoc.
	 */
	Javadoc text(String javadoc) {
		javadoc.lines().forEach(this.lines::add);
		return this;
	}

	/**
	 * Write a text of a {@code .proto} so that neither Java nor Javadoc sees more in it.
	 */
	static String escape(String text) {
		return text.replace("&", "&amp;")
			.replace("<", "&lt;")
			.replace(">", "&gt;")
			.replace("@", "&#64;")
			.replace("*/", "*&#47;")
			.replace("\\", "&#92;")
			.replace("{", "&#123;")
			.replace("}", "&#125;");
	}

	@Override
	public String toString() {
		StringBuilder javadoc = new StringBuilder("/**\n");
		for (String line : this.lines) {
			javadoc.append(" * ").append(line).append('\n');
		}
		return javadoc.append(" */").toString();
	}

}
