package dev.pluggable.internal.support;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * The legal transitions of a state machine. A state may always follow itself, because its
 * reason can change.
 *
 * @param <S> the states
 */
public final class Transitions<S extends Enum<S>> {

	private final S initial;

	private final Map<S, Set<S>> table;

	private Transitions(S initial) {
		this.initial = initial;
		this.table = new EnumMap<>(initial.getDeclaringClass());
		for (S state : initial.getDeclaringClass().getEnumConstants()) {
			this.table.put(state, EnumSet.noneOf(initial.getDeclaringClass()));
		}
	}

	/**
	 * Begin a table.
	 * @param <S> the states
	 * @param initial the first state of the machine
	 * @return a table without transitions
	 */
	public static <S extends Enum<S>> Transitions<S> startingWith(S initial) {
		return new Transitions<>(initial);
	}

	/**
	 * Add the transitions from one state. Only the initializer of a table calls this
	 * method.
	 * @param from the state
	 * @param next the states that may follow
	 * @return this table
	 */
	@SafeVarargs
	public final Transitions<S> allow(S from, S... next) {
		for (S to : next) {
			this.table.computeIfAbsent(from, (key) -> EnumSet.noneOf(from.getDeclaringClass())).add(to);
		}
		return this;
	}

	/**
	 * Tell whether a state may follow another.
	 * @param from the state
	 * @param to the state that follows
	 * @return {@code true} also if both are the same
	 */
	public boolean allows(S from, S to) {
		return from == to || this.table.getOrDefault(from, Set.of()).contains(to);
	}

	/**
	 * Return the first state of the machine.
	 * @return the state
	 */
	public S initial() {
		return this.initial;
	}

	/**
	 * Return the states that may follow each state.
	 * @return a view with an entry for each state
	 */
	public Map<S, Set<S>> table() {
		return Collections.unmodifiableMap(this.table);
	}

}
