package dev.pluggable.spring.autoconfigure.diagnostics;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.pluggable.Component;
import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.spring.host.RequiredComponentsUnavailableException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Failure analyzer for required components that are not ready in time. The analysis uses
 * the content of the folders and the last connection attempts.
 */
class RequiredComponentsUnavailableFailureAnalyzer
		extends AbstractFailureAnalyzer<RequiredComponentsUnavailableException> {

	private static final String PERMISSION_DENIED = "permission denied";

	private final PropertyOrigins origins;

	RequiredComponentsUnavailableFailureAnalyzer(@Nullable Environment environment) {
		this.origins = new PropertyOrigins(environment);
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, RequiredComponentsUnavailableException cause) {
		Explanation description = new Explanation().message(cause);
		description.list("The components are declared by:",
				cause.getComponents().stream().map(this::describe).distinct().toList(), "");
		description.folders(cause.getFolders());
		return Explanation.analysis(description, action(cause), cause);
	}

	private String describe(Component<?> component) {
		String property = PropertyOrigins.component(component.name(), "type");
		return this.origins.describe(property) + ": " + component.type() + ", expected on the socket '"
				+ component.endpoint() + ".sock' or another extension";
	}

	private Explanation action(RequiredComponentsUnavailableException cause) {
		List<FolderStatus> folders = cause.getFolders();
		Explanation action = new Explanation().line("Check the reasons above, and:").line("");
		boolean found = false;
		Set<String> named = new HashSet<>();
		for (Component<?> component : cause.getComponents()) {
			if (!named.add(component.name())) {
				// A declaration can match several kinds behind the same socket.
				continue;
			}
			String skipped = skipped(folders, component);
			if (skipped != null) {
				action.item(skipped);
			}
			else if (folders.stream().anyMatch((folder) -> holds(folder, component))) {
				found = true;
			}
			else {
				cause.getSuggestion(component)
					.ifPresent((type) -> action.item("correct the type '" + component.type() + "' of '"
							+ component.name() + "': '" + type + "' has a similar name and exists"));
				action.item("start the process that serves '" + component.name() + "', so that its socket is in "
						+ names(folders) + "; the name of the socket must be '" + component.endpoint() + "'");
			}
		}
		if (found) {
			action.item("make sure that the process behind each socket is running and that the metadata is correct in "
					+ "'pluggable.components.<name>.metadata'");
		}
		folders(action, folders);
		if (mentions(cause, PERMISSION_DENIED)) {
			action.item(
					"allow the user of this application to read and write the socket: run both processes as the same user, "
							+ "or give the socket the mode 0660 and a group of both users");
		}
		return action.item("wait longer with 'pluggable.startup-timeout' (now " + cause.getWaited().toMillis()
				+ "ms), start without waiting with 0s, or make the component optional: "
				+ "'pluggable.components.<name>.required=false'");
	}

	private static void folders(Explanation action, List<FolderStatus> folders) {
		for (FolderStatus folder : folders) {
			if (folder.state() == FolderStatus.State.MISSING) {
				action.item("create " + folder.folder()
						+ " (both processes must use the same folder), or set 'pluggable.socket-folders' to the correct folder");
			}
			else if (folder.state() == FolderStatus.State.UNREADABLE) {
				action.item("allow the user of this application to read and enter " + folder.folder()
						+ ", or set 'pluggable.socket-folders' to another folder");
			}
			else if (folder.state() == FolderStatus.State.REFUSED) {
				action.item("take the write permission for " + folder.folder()
						+ " from all other users, set 'pluggable.socket-folders' to another folder, or set "
						+ "'pluggable.security.allow-untrusted-folders' to true if you trust everybody who can write there");
			}
		}
	}

	/**
	 * Return how to correct an unusable entry that has the name of the component.
	 */
	private static @Nullable String skipped(List<FolderStatus> folders, Component<?> component) {
		for (FolderStatus folder : folders) {
			for (var entry : folder.skipped()) {
				int dot = entry.entry().lastIndexOf('.');
				String name = (dot >= 0) ? entry.entry().substring(0, dot) : entry.entry();
				if (name.equalsIgnoreCase(component.endpoint())) {
					return "replace '" + entry.entry() + "' in " + folder.folder() + ", which is unusable: "
							+ entry.reason();
				}
			}
		}
		return null;
	}

	private static boolean holds(FolderStatus folder, Component<?> component) {
		return folder.sockets().stream().anyMatch((socket) -> socket.name().equalsIgnoreCase(component.endpoint()));
	}

	private static String names(List<FolderStatus> folders) {
		return String.join(" or ", folders.stream().map((folder) -> folder.folder().toString()).toList());
	}

	private static boolean mentions(Throwable cause, String text) {
		String message = cause.getMessage();
		return message != null && message.contains(text);
	}

}
