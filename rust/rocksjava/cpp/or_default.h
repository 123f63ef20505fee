// Null options are the defaults of their class; a null column family is "default".

#ifndef VENICE_ROCKSJAVA_OR_DEFAULT_H_
#define VENICE_ROCKSJAVA_OR_DEFAULT_H_

#include "natives.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"

namespace venice {

inline const rocksdb::ReadOptions& OrDefault(const rocksdb::ReadOptions* options) {
  static const rocksdb::ReadOptions kDefault;
  return options != nullptr ? *options : kDefault;
}

inline const rocksdb::WriteOptions& OrDefault(const rocksdb::WriteOptions* options) {
  static const rocksdb::WriteOptions kDefault;
  return options != nullptr ? *options : kDefault;
}

inline venice_column_family* OrDefault(rocksdb::DB* db, venice_column_family* family) {
  return family != nullptr ? family : db->DefaultColumnFamily();
}

}  // namespace venice

#endif  // VENICE_ROCKSJAVA_OR_DEFAULT_H_
