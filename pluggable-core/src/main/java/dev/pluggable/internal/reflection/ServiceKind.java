package dev.pluggable.internal.reflection;

/**
 * Marks a {@link dev.pluggable.ComponentKind} without services of its own. Each of its
 * components stands for one service, which no other kind has. The components are
 * discovered together with those of other kinds.
 */
public interface ServiceKind {

}
