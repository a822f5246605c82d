package dev.pluggable.spring.autoconfigure.diagnostics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import dev.pluggable.discovery.FolderStatus;

import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Builds the text of a failure analysis.
 */
final class Explanation {

	private static final int MAX_ITEMS = 20;

	private final List<String> lines = new ArrayList<>();

	Explanation line(String line) {
		this.lines.add(line);
		return this;
	}

	/**
	 * Add the message of an exception as a sentence.
	 */
	Explanation message(Throwable failure) {
		String message = String.valueOf(failure.getMessage());
		return line(message.endsWith(".") ? message : message + ".");
	}

	Explanation paragraph(String line) {
		return this.lines.isEmpty() ? line(line) : line("").line(line);
	}

	Explanation item(String item) {
		return line("\t- " + item);
	}

	/**
	 * Add a paragraph and a list.
	 */
	Explanation list(String title, Collection<String> items, String ifEmpty) {
		if (items.isEmpty()) {
			return paragraph(title + " " + ifEmpty);
		}
		paragraph(title).line("");
		items.stream().limit(MAX_ITEMS).forEach(this::item);
		return (items.size() > MAX_ITEMS) ? item("and " + (items.size() - MAX_ITEMS) + " more") : this;
	}

	/**
	 * Add a line for the user to copy.
	 */
	Explanation code(String code) {
		return line("").line("\t" + code);
	}

	/**
	 * Add the content of the watched folders.
	 */
	Explanation folders(List<FolderStatus> folders) {
		if (folders.isEmpty()) {
			return paragraph("The application has not read a socket folder yet.");
		}
		for (FolderStatus folder : folders) {
			switch (folder.state()) {
				case MISSING -> paragraph("Socket folder " + folder.folder() + " does not exist.");
				case UNREADABLE ->
					paragraph("Socket folder " + folder.folder() + " cannot be read: " + folder.reason() + ".");
				case READABLE -> readable(folder);
			}
		}
		return this;
	}

	private void readable(FolderStatus folder) {
		list("Sockets in " + folder.folder() + ":",
				folder.sockets().stream().map((socket) -> socket.path().getFileName().toString()).toList(), "none");
		if (!folder.skipped().isEmpty()) {
			list("Skipped in " + folder.folder() + ":",
					folder.skipped().stream().map((entry) -> entry.entry() + ": " + entry.reason()).toList(), "none");
		}
	}

	@Override
	public String toString() {
		return String.join(System.lineSeparator(), this.lines);
	}

	static FailureAnalysis analysis(Explanation description, Explanation action, Throwable cause) {
		return new FailureAnalysis(description.toString(), action.toString(), cause);
	}

}
