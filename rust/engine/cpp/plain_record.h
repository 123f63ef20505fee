// A record of a plain table, where it lies.

#ifndef VENICE_ENGINE_PLAIN_RECORD_H_
#define VENICE_ENGINE_PLAIN_RECORD_H_

#include <cstdint>

#include "db/dbformat.h"
#include "rocksdb/slice.h"
#include "rocksdb/table.h"
#include "table/plain/plain_table_factory.h"
#include "util/coding.h"

namespace venice {

// A record of the encoding kPlain, as PlainTableBuilder of 9.11.2 writes it (plain_table_key_coding.cc): the length of the
// user key as a varint, if keys differ in it; the user key; sequence number and type, or one byte for a value of number 0;
// the length of the value as a varint; the value. RocksDB's own decoder has room for keys in several pieces and for files
// that are not mapped, and makes and frees it for each search.
struct PlainRecord {
  rocksdb::Slice user_key;
  // As ExtractInternalKeyFooter returns it.
  uint64_t number_and_type;
  rocksdb::Slice value;
  // Bytes of all of it.
  uint32_t size;

  // Reads the record that begins at `from`; `key_size` is the length of all user keys, or kPlainTableVariableLength.
  // False if there is none that ends before `end`: whatever the bytes are, none beyond is read.
  bool Read(const char* from, const char* end, uint32_t key_size) {
    const char* at = from;
    if (key_size == rocksdb::kPlainTableVariableLength) {
      at = rocksdb::GetVarint32Ptr(at, end, &key_size);
      if (at == nullptr) {
        return false;
      }
    }
    // One byte more tells what is behind the key.
    if (static_cast<size_t>(end - at) <= key_size) {
      return false;
    }
    user_key = rocksdb::Slice(at, key_size);
    at += key_size;
    if (*at == rocksdb::PlainTableFactory::kValueTypeSeqId0) {
      number_and_type = rocksdb::PackSequenceAndType(0, rocksdb::kTypeValue);
      at++;
    } else {
      if (static_cast<size_t>(end - at) < rocksdb::kNumInternalBytes) {
        return false;
      }
      number_and_type = rocksdb::DecodeFixed64(at);
      // ParseInternalKey.
      if (!rocksdb::IsExtendedValueType(static_cast<rocksdb::ValueType>(number_and_type & 0xff))) {
        return false;
      }
      at += rocksdb::kNumInternalBytes;
    }
    uint32_t value_size = 0;
    at = rocksdb::GetVarint32Ptr(at, end, &value_size);
    if (at == nullptr || static_cast<size_t>(end - at) < value_size) {
      return false;
    }
    value = rocksdb::Slice(at, value_size);
    size = static_cast<uint32_t>(at + value_size - from);
    return true;
  }
};

}  // namespace venice

#endif  // VENICE_ENGINE_PLAIN_RECORD_H_
