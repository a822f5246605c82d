package dev.pluggable;

/**
 * An implementation of a kind inside this process, which can be declared by its type like
 * a component behind a socket.
 *
 * @param <T> the kind's interface
 * @param kind the kind
 * @param name name of the implementation: the {@code http} of {@code bindings.http}
 * @param factory makes the instances
 * @since 0.1.0
 */
public record ComponentImplementation<T>(ComponentKind<T> kind, String name, ComponentFactory<? extends T> factory) {
}
