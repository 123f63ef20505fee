// org.rocksdb.ReadOptions and WriteOptions: the handle is the C++ object.

#include "natives.h"
#include "rocksdb/options.h"
#include "status.h"

using rocksdb::ReadOptions;
using rocksdb::WriteOptions;
using venice::TryMake;

venice_read_options* venice_read_options_new() noexcept {
  return TryMake([] { return new ReadOptions(); });
}

venice_read_options* venice_read_options_copy(const venice_read_options* options) noexcept {
  return TryMake([&] { return new ReadOptions(*options); });
}

void venice_read_options_destroy(void* options) noexcept {
  static_cast<venice_read_options*>(options)->~ReadOptions();
}

void venice_read_options_set_verify_checksums(venice_read_options* options, uint8_t on) noexcept {
  options->verify_checksums = on != 0;
}

void venice_read_options_set_fill_cache(venice_read_options* options, uint8_t on) noexcept {
  options->fill_cache = on != 0;
}

void venice_read_options_set_pin_data(venice_read_options* options, uint8_t on) noexcept {
  options->pin_data = on != 0;
}

void venice_read_options_set_background_purge(venice_read_options* options, uint8_t on) noexcept {
  options->background_purge_on_iterator_cleanup = on != 0;
}

void venice_read_options_set_readahead_size(venice_read_options* options, uint64_t bytes) noexcept {
  options->readahead_size = static_cast<size_t>(bytes);
}

void venice_read_options_set_iterate_upper_bound(venice_read_options* options,
                                                 const venice_java_slice* bound) noexcept {
  options->iterate_upper_bound = bound;
}

venice_write_options* venice_write_options_new() noexcept {
  return TryMake([] { return new WriteOptions(); });
}

venice_write_options* venice_write_options_copy(const venice_write_options* options) noexcept {
  return TryMake([&] { return new WriteOptions(*options); });
}

void venice_write_options_destroy(void* options) noexcept {
  static_cast<venice_write_options*>(options)->~WriteOptions();
}

void venice_write_options_set_disable_wal(venice_write_options* options, uint8_t on) noexcept {
  options->disableWAL = on != 0;
}
