// org.rocksdb.Options, DBOptions, ColumnFamilyOptions and EnvOptions: the handle is the C++ object.
// What rocksdb/c.h has no setter for. Rust: options.rs, db_options.rs, column_family_options.rs,
// env_options.rs.

#include "rocksdb/options.h"

#include <memory>

#include "classes.h"
#include "rocksdb/env.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/sst_file_manager.h"
#include "rocksdb/statistics.h"
#include "rocksdb/table.h"
#include "status.h"

using rocksdb::Status;
using venice::Guarded;

extern "C" {

void venice_options_new(rocksdb::Options** options, venice_status* status) noexcept {
  Guarded(status, [&] {
    *options = new rocksdb::Options();
    return Status::OK();
  });
}

// The half of `options` that is a database's.
void venice_db_options_new_from(const rocksdb::Options* options, rocksdb::DBOptions** half,
                                venice_status* status) noexcept {
  Guarded(status, [&] {
    *half = new rocksdb::DBOptions(*options);
    return Status::OK();
  });
}

// The half of `options` that is a column family's.
void venice_column_family_options_new_from(const rocksdb::Options* options,
                                           rocksdb::ColumnFamilyOptions** half,
                                           venice_status* status) noexcept {
  Guarded(status, [&] {
    *half = new rocksdb::ColumnFamilyOptions(*options);
    return Status::OK();
  });
}

// The caller keeps `env` alive as long as the options and what is opened with them.
void venice_options_set_env(rocksdb::Options* options, rocksdb::Env* env) noexcept {
  options->env = env;
}

void venice_options_set_sst_file_manager(
    rocksdb::Options* options, const std::shared_ptr<rocksdb::SstFileManager>* manager) noexcept {
  options->sst_file_manager = *manager;
}

void venice_options_set_statistics(
    rocksdb::Options* options, const std::shared_ptr<rocksdb::Statistics>* statistics) noexcept {
  options->statistics = *statistics;
}

// The first `length` bytes of a key, or all of a shorter one, are its prefix.
void venice_options_use_capped_prefix_extractor(rocksdb::Options* options, int length,
                                                venice_status* status) noexcept {
  Guarded(status, [&] {
    options->prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(length));
    return Status::OK();
  });
}

// Takes `factory`, also when it fails.
void venice_options_set_table_factory(rocksdb::Options* options, rocksdb::TableFactory* factory,
                                      venice_status* status) noexcept {
  Guarded(status, [&] {
    options->table_factory.reset(factory);
    return Status::OK();
  });
}

void venice_env_options_set_use_direct_writes(rocksdb::EnvOptions* options,
                                              uint8_t value) noexcept {
  options->use_direct_writes = value != 0;
}
}
