// What C++ calls of Rust while RocksDB is in Java: rocksjava/src/jvm/callback.rs.

#ifndef VENICE_ROCKSJAVA_CALLBACKS_H_
#define VENICE_ROCKSJAVA_CALLBACKS_H_

extern "C" {

void venice_callback_begins() noexcept;
void venice_callback_ends() noexcept;

}  // extern "C"

#endif  // VENICE_ROCKSJAVA_CALLBACKS_H_
