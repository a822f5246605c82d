package dev.pluggable.spring.resources;

/**
 * A line of a component file.
 *
 * @param file the file, as a reader of messages finds it
 * @param line the line, from 1 on; 0 if the file as a whole is meant
 */
record Place(String file, int line) {

	@Override
	public String toString() {
		return "'" + this.file + "'" + ((this.line > 0) ? ", line " + this.line : "");
	}

}
