package dev.pluggable.internal.transport;

/**
 * Prints the user id of this process as {@link PeerPolicy} sees it.
 */
final class OwnUidMain {

	private OwnUidMain() {
	}

	public static void main(String[] arguments) {
		System.out.println(PeerPolicy.ownUid());
	}

}
