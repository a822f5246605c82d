package dev.pluggable.spring.contract;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.context.annotation.Import;

/**
 * Holds several {@link EnableContract} annotations.
 *
 * @since 0.1.0
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Import(ContractRegistrar.class)
public @interface EnableContracts {

	/**
	 * The annotations.
	 * @return the annotations
	 */
	EnableContract[] value();

}
