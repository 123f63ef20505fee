//! What `cpp/callbacks/` tells of RocksDB's calls into Java.

use venice_engine::handles::callback;

/// RocksDB is about to call Java on this thread.
#[unsafe(no_mangle)]
pub extern "C" fn venice_callback_begins() {
    callback::begin();
}

/// Java has returned.
#[unsafe(no_mangle)]
pub extern "C" fn venice_callback_ends() {
    callback::end();
}
