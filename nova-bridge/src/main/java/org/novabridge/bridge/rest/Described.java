package org.novabridge.bridge.rest;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.novabridge.driver.model.ErrorCode;

/**
 * What the OpenAPI document says of an operation and its signature does not: bodies are read as bytes, and answers are
 * given later. A method of a resource without it fails the tests, and so does an answer of a test that is not as it says.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Described {
    /** One line: what it does. */
    String value();

    /** The JSON that it takes; Void for none, or for one of {@link #dictionary}. */
    Class<?> body() default Void.class;

    /** Nova's own dictionary that it takes, by its name in the document; empty for none. */
    String dictionary() default "";

    /** What it answers: {@code byte[]} for bytes as they are, {@code String} for text, Void for nothing. */
    Class<?> answer() default Void.class;

    /** The answer is a list of these. */
    boolean list() default false;

    /** HTTP status of the answer. */
    int status() default 200;

    /** Problems of its own, beside those that every operation may have. */
    ErrorCode[] problems() default {};

    /** The role nova gets FORBIDDEN. */
    boolean operatorOnly() default false;
}
