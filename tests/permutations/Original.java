package com.linkedin.venice.rust.tests.permutations;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the class of Venice's integration tests that has the methods of a class here, where the
 * names of the classes differ.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Original {
  /** The simple name. */
  String value();
}
