package dev.pluggable.contract;

import java.util.function.ToIntFunction;

/**
 * One of several objects that a call creates.
 *
 * @param field name of the field, for messages
 * @param id takes the id of the object from the answer
 * @param kind the kind of the object
 * @param <R> answer
 * @param <T> the interface of the object
 * @since 0.1.0
 */
public record CreatedReference<R, T extends ContractObject>(String field, ToIntFunction<R> id, ContractKind<T> kind) {
}
