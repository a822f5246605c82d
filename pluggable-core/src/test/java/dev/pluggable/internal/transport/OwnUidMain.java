package dev.pluggable.internal.transport;

/**
 * Prints the user id that {@link PeerPolicy} takes for our own.
 */
final class OwnUidMain {

	private OwnUidMain() {
	}

	public static void main(String[] arguments) {
		System.out.println(PeerPolicy.ownUid());
	}

}
