package dev.pluggable.pubsub;

/**
 * A handler that does not block, and that is called in the order of the messages although
 * it handles many messages at the same time.
 */
interface OrderedHandler extends MessageHandler {

}
