package dev.pluggable.benchmarks.soak;

/**
 * What the program knows about the process of a component.
 */
enum Truth {

	/** The process listens and runs. */
	SERVING,

	/** The process was stopped by SIGSTOP. */
	HANGING,

	/** The process has ended, and no other process listens. */
	DEAD,

	/** The process is about to end, or begins to run again. */
	CHANGING

}
