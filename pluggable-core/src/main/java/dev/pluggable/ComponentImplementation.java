package dev.pluggable;

/**
 * An implementation of a kind inside this process. A declaration names it by its type,
 * like a component behind a socket. Immutable.
 *
 * @param <T> the kind's interface
 * @param kind the kind
 * @param name name of the implementation: {@code http} for the type {@code bindings.http}
 * @param factory creates the instances
 * @since 0.1.0
 */
public record ComponentImplementation<T>(ComponentKind<T> kind, String name, ComponentFactory<? extends T> factory) {
}
