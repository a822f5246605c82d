package org.example;

import dev.pluggable.CallFailure;
import dev.pluggable.PluggableException;

/**
 * An exception that this kind has for itself, on both sides of the contract.
 */
class NoSuchRoomException extends PluggableException {

	private static final long serialVersionUID = 1L;

	NoSuchRoomException(String room) {
		super("There is no room '" + room + "'", (Throwable) null);
	}

	NoSuchRoomException(CallFailure failure) {
		super(failure.summary(), failure);
	}

}
