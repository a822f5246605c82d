package dev.pluggable.protoc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormatParseInfoTree;
import com.google.protobuf.TextFormatParseLocation;
import dev.pluggable.proto.contract.v1.ContractProto.Overlay;

/**
 * An overlay and the places of its parts.
 */
final class OverlayFile {

	private final String name;

	private final Overlay overlay;

	private final TextFormatParseInfoTree places;

	private OverlayFile(String name, Overlay overlay, TextFormatParseInfoTree places) {
		this.name = name;
		this.overlay = overlay;
		this.places = places;
	}

	/**
	 * Read an overlay.
	 * @throws Faults.FaultException if the file cannot be read or is not an overlay
	 */
	static OverlayFile read(String path) {
		Overlay.Builder overlay = Overlay.newBuilder();
		TextFormatParseInfoTree.Builder places = TextFormatParseInfoTree.builder();
		try {
			String text = Files.readString(Path.of(path));
			TextFormat.Parser.newBuilder()
				.setSingularOverwritePolicy(TextFormat.Parser.SingularOverwritePolicy.FORBID_SINGULAR_OVERWRITES)
				.setParseInfoTreeBuilder(places)
				.build()
				// Some editors begin a file with a byte order mark.
				.merge(text.startsWith("\uFEFF") ? text.substring(1) : text, overlay);
		}
		catch (TextFormat.ParseException ex) {
			// The message begins with line and column.
			throw new Faults.FaultException(path + ":" + ex.getMessage());
		}
		catch (IOException ex) {
			throw new Faults.FaultException(
					path + ": The overlay cannot be read from '" + Path.of("").toAbsolutePath() + "': " + ex);
		}
		return new OverlayFile(path, overlay.build(), places.build());
	}

	Overlay overlay() {
		return this.overlay;
	}

	/**
	 * The place of one part.
	 * @param part the name of the field of the overlay
	 * @param index the number of the part among its like
	 */
	Location location(String part, int index) {
		FieldDescriptor field = Overlay.getDescriptor().findFieldByName(part);
		TextFormatParseLocation place = this.places.getLocation(field, index);
		return new Location(this.name, place.getLine() + 1, place.getColumn() + 1);
	}

}
