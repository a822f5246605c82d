/**
 * A kind of component as somebody outside this product writes it: with the public types
 * of the product only.
 */
package org.example;
