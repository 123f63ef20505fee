// Keys and records in Avro, as the clients beside this file send and read them.
'use strict';

const crypto = require('crypto');

const OK = 200;
const MISSING_KEY = Buffer.from('\u0002\u0000 no such key', 'latin1');

/** Encodes an Avro int: zig-zag, then 7 bits in each byte. Numbers here are small and not negative. */
function zigzag(number) {
  const encoded = [];
  let rest = number * 2;
  while (rest >= 0x80) {
    encoded.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  encoded.push(rest);
  return Buffer.from(encoded);
}

/** Decodes an Avro int; returns it with the position after it. */
function unzigzag(data, at) {
  let number = 0;
  let scale = 1;
  for (;;) {
    const byte = data[at++];
    number += (byte & 0x7f) * scale;
    scale *= 0x80;
    if (byte < 0x80) {
      return [number % 2 === 0 ? number / 2 : -(number + 1) / 2, at];
    }
  }
}

/** Returns the key bytes of a command-line argument. */
function avroKey(argument) {
  if (argument.startsWith('base64:')) {
    return Buffer.from(argument.slice('base64:'.length), 'base64');
  }
  const text = Buffer.from(argument, 'utf8');
  return Buffer.concat([zigzag(text.length), text]);
}

/** Returns the partition of a key: its MD5 as an unsigned big-endian number, modulo. */
function partitionOf(key, partitions) {
  const digest = crypto.createHash('md5').update(key).digest('hex');
  return Number(BigInt('0x' + digest) % BigInt(partitions));
}

/** Returns the keys of a batch get: MultiGetRouterRequestKeyV1 records, numbered from 0. */
function keyBytes(keys, partitions) {
  const records = keys.map((key, index) =>
    Buffer.concat([zigzag(index), zigzag(key.length), key, zigzag(partitionOf(key, partitions))])
  );
  return Buffer.concat(records);
}

/** Returns key index -> {value, schemaId} of the MultiGetResponseRecordV1 records. */
function recordsOf(data) {
  const records = new Map();
  let at = 0;
  while (at < data.length) {
    let index;
    let length;
    let schemaId;
    [index, at] = unzigzag(data, at);
    [length, at] = unzigzag(data, at);
    const value = data.subarray(at, at + length);
    [schemaId, at] = unzigzag(data, at + length);
    records.set(index, { value, schemaId });
  }
  return records;
}

/** Ends the program with a line if something is not as it must be. */
function requireThat(condition, text) {
  if (!condition) {
    throw new Error(text);
  }
}

module.exports = { MISSING_KEY, OK, avroKey, keyBytes, partitionOf, recordsOf, requireThat };
