/**
 * Generated contracts in a Spring Boot application.
 */
@NullMarked
package dev.pluggable.spring.contract;

import org.jspecify.annotations.NullMarked;
