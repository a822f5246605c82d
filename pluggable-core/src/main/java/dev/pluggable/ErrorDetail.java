package dev.pluggable;

/**
 * A detail of a gRPC status.
 *
 * @param typeName full name of the detail's message, such as
 * {@code google.rpc.BadRequest}
 * @param value the message in its wire form; not copied
 * @since 0.1.0
 */
public record ErrorDetail(String typeName, byte[] value) {

	@Override
	public String toString() {
		return this.typeName + " (" + this.value.length + " bytes)";
	}

}
