#!/usr/bin/env node
// Reads a store version with @grpc/grpc-js and nothing of the project but its .proto.
//
// usage: node node_client.js ADDRESS PROTO RESOURCE PARTITIONS KEY...
//
// Each KEY is taken as an Avro string; `base64:...` gives the bytes of any other Avro key. Every key is
// read by single get and by batch get, both answers are compared, and a key that does not exist is read
// too. Needs the packages @grpc/grpc-js and @grpc/proto-loader. Exits with 1 and one line on the first
// difference.
'use strict';

const crypto = require('crypto');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const OK = 200;
const KEY_NOT_FOUND = 2 ** 32 - 420; // -420 in a uint32
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

/** Calls a method and returns a promise of its answer. */
function call(client, method, request) {
  return new Promise((resolve, reject) => {
    client[method](request, (failure, answer) => (failure ? reject(failure) : resolve(answer)));
  });
}

function singleGet(client, resource, partitions, key) {
  // Base64url with padding, as Venice's Fast Client sends it.
  const base64 = key.toString('base64').replace(/\+/g, '-').replace(/\//g, '_');
  return call(client, 'get', {
    resourceName: resource,
    partition: partitionOf(key, partitions),
    keyString: base64 + '?f=b64',
    method: 'GET',
  });
}

function batchGet(client, resource, partitions, keys) {
  const body = keys.map((key, index) =>
    Buffer.concat([zigzag(index), zigzag(key.length), key, zigzag(partitionOf(key, partitions))])
  );
  return call(client, 'batchGet', {
    resourceName: resource,
    isBatchRequest: true,
    method: 'POST',
    keyBytes: Buffer.concat(body),
  });
}

async function main() {
  const [address, proto, resource, partitionCount, ...args] = process.argv.slice(2);
  requireThat(args.length > 0, 'usage: node_client.js ADDRESS PROTO RESOURCE PARTITIONS KEY...');
  const partitions = Number(partitionCount);
  const keys = args.map(avroKey);
  const definition = protoLoader.loadSync(proto, { keepCase: true, defaults: true });
  const service = grpc.loadPackageDefinition(definition).com.linkedin.venice.protocols;
  const client = new service.VeniceReadService(address, grpc.credentials.createInsecure());

  try {
    const values = [];
    for (const [i, key] of keys.entries()) {
      const answer = await singleGet(client, resource, partitions, key);
      const about = `${args[i]}: error code ${answer.errorCode} ${answer.errorMessage}`;
      requireThat(answer.errorCode === OK, about);
      requireThat(answer.schemaId > 0, `${args[i]}: schema id ${answer.schemaId}`);
      requireThat(answer.data.length > 0, `${args[i]}: the value is empty`);
      values.push(answer);
    }

    const missing = await singleGet(client, resource, partitions, MISSING_KEY);
    requireThat(
      missing.errorCode === KEY_NOT_FOUND,
      `a missing key: error code ${missing.errorCode} ${missing.errorMessage}`
    );

    const answer = await batchGet(client, resource, partitions, [...keys, MISSING_KEY]);
    requireThat(
      answer.errorCode === OK,
      `batch get: error code ${answer.errorCode} ${answer.errorMessage}`
    );
    const records = recordsOf(answer.data);
    requireThat(
      records.size === keys.length,
      `batch get: ${records.size} records for ${keys.length} keys`
    );
    values.forEach((value, i) => {
      const record = records.get(i);
      requireThat(
        record && record.value.equals(value.data) && record.schemaId === value.schemaId,
        `batch get: ${args[i]} differs from the single get`
      );
    });
  } finally {
    client.close();
  }
  console.log(`node: ${keys.length} of ${keys.length} keys equal by single get and batch get`);
}

main().catch((failure) => {
  console.error('node_client: ' + failure.message);
  process.exitCode = 1;
});
