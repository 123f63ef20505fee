/**
 * Discovery of Rust read servers over D2: servers announce themselves ({@link
 * com.linkedin.venice.rust.discovery.RustServerAnnouncer}), clients learn at which address to read
 * ({@link com.linkedin.venice.rust.discovery.ServerDirectory}).
 */
package com.linkedin.venice.rust.discovery;
