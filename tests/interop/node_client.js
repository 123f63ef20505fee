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

const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const { MISSING_KEY, OK, avroKey, keyBytes, partitionOf, recordsOf, requireThat } = require('./avro.js');

const KEY_NOT_FOUND = 2 ** 32 - 420; // -420 in a uint32

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
  return call(client, 'batchGet', {
    resourceName: resource,
    isBatchRequest: true,
    method: 'POST',
    keyBytes: keyBytes(keys, partitions),
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
