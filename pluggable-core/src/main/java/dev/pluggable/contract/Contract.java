package dev.pluggable.contract;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the kind of a generated interface.
 *
 * @since 0.1.0
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Contract {

	/**
	 * The kind, which is public and has a public constructor without arguments.
	 * @return the class of the kind
	 */
	Class<? extends ContractKind<?>> kind();

}
