package com.linkedin.venice.rust.tests;

/**
 * Where the Rust server answers otherwise than Venice's Java server. Each has its reason, under its
 * name here, in docs/differences.md; the tests say what exactly both answer.
 */
enum Difference {
  BATCH_ERROR_ORDER,
  BATCH_KEYS_LIMIT,
  BROKEN_MANIFEST,
  BROKEN_STATE,
  COMPRESSED_REQUEST,
  FAILED_READ,
  KEY_INDEX_LEAST_INT,
  LONG_KEY_LENGTH,
  LONG_NAME,
  MANIFEST_SIZE,
  METADATA_CLOSED,
  NEGATIVE_PARTITION,
  PARTITION_CLOSED,
  QUOTA_STOPS,
  REQUEST_LIMIT,
  RESPONSE_LIMIT,
  SHORT_RECORD,
  UNKNOWN_STORE,
  UNKNOWN_STRATEGY
}
