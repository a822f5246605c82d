/**
 * Toolbox for authors of component kinds with streams: streams that outlive their
 * connections, and handlers of their messages. Start with
 * {@link dev.pluggable.stream.ReopeningStream}.
 */
@NullMarked
package dev.pluggable.stream;

import org.jspecify.annotations.NullMarked;
