/**
 * Switches the Rust read path on inside a Venice server: {@link
 * com.linkedin.venice.rust.adapter.RustReadPath} over small interfaces of its own, with
 * implementations over Venice's classes, and {@link
 * com.linkedin.venice.rust.adapter.RustVeniceServer}, a Venice server that has it.
 */
package com.linkedin.venice.rust.adapter;
