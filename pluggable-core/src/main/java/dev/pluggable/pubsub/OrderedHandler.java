package dev.pluggable.pubsub;

/**
 * A handler that does not block, and that has to be called in the order of the messages
 * although it takes many at a time.
 */
interface OrderedHandler extends MessageHandler {

}
