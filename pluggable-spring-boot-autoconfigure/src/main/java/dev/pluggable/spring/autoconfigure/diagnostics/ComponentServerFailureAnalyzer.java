package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.server.ComponentServerException;
import dev.pluggable.transport.SocketPaths;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains that components cannot be served on a socket.
 */
class ComponentServerFailureAnalyzer extends AbstractFailureAnalyzer<ComponentServerException> {

	private static final String FOLDER = "For beans that are served, 'pluggable.server.folder' sets the folder.";

	private static final String NAME = "For beans that are served, 'pluggable.server.name' or @PluggableComponent sets the name.";

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ComponentServerException cause) {
		String socket = (cause.getSocket() != null) ? cause.getSocket().toString() : "of the server";
		String action = switch (cause.getReason()) {
			case PATH_TOO_LONG -> "Use a shorter path: the path of a socket may have at most " + SocketPaths.MAX_BYTES
					+ " bytes, the folders in it included. " + FOLDER;
			case IN_USE -> "Stop the other server on the socket " + socket
					+ " ('ss -xlp' shows the processes that listen on sockets), or use another name. " + NAME;
			case NOT_A_SOCKET -> "Move away what has the path " + socket
					+ ", or use another name. It is not deleted, because it was not made by a server. " + NAME;
			case PERMISSION_DENIED -> "Let the user of this application write to the folder of the socket " + socket
					+ ", or remove a socket there that belongs to another user. " + FOLDER;
			case OTHER -> "Look at the cause, and see to it that sockets can be made in the folder of the socket "
					+ socket + ". " + FOLDER;
		};
		return Explanation.analysis(new Explanation().message(cause), new Explanation().line(action), cause);
	}

}
