package dev.pluggable.server;

/**
 * The interface of the test kind.
 */
interface Echo {

	String say(String text) throws Exception;

}
