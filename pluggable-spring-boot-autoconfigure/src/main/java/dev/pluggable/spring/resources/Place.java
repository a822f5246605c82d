package dev.pluggable.spring.resources;

/**
 * A position in a component file.
 *
 * @param file the file as messages name it
 * @param line the line, starting with 1; 0 means the whole file
 */
record Place(String file, int line) {

	@Override
	public String toString() {
		return "'" + this.file + "'" + ((this.line > 0) ? ", line " + this.line : "");
	}

}
