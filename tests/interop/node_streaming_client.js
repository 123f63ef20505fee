#!/usr/bin/env node
// Reads a store version by streaming batch get, with @grpc/grpc-js and nothing of the project but its .proto.
//
// usage: node node_streaming_client.js ADDRESS PROTO RESOURCE PARTITIONS KEY...
//
// Keys as in node_client.js, which stands beside this file. Sends three requests on one call: all keys and
// one that does not exist, each key once more, and one for a store that does not exist. Exits with 1 and one
// line on the first difference.
'use strict';

const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const { MISSING_KEY, OK, avroKey, keyBytes, recordsOf, requireThat } = require('./avro.js');

const MISSING_SCHEMA_ID = -1000;

/** Sends the requests on one call; returns number -> {records, footer} once the server has ended it. */
function streamed(client, requests) {
  return new Promise((resolve, reject) => {
    const answers = new Map(requests.map(({ requestId }) => [requestId, { records: new Map() }]));
    const call = client.batchGet();
    call.on('error', reject);
    call.on('end', () => resolve(answers));
    call.on('data', (message) => {
      const answer = answers.get(Number(message.requestId));
      for (const [index, record] of recordsOf(message.records)) {
        requireThat(!answer.records.has(index), `key ${index} has two records`);
        answer.records.set(index, record);
      }
      answer.footer = message.footer || answer.footer;
    });
    requests.forEach((request) => call.write(request));
    call.end();
  });
}

async function main() {
  const [address, proto, resource, partitionCount, ...args] = process.argv.slice(2);
  requireThat(args.length > 0, 'usage: node_streaming_client.js ADDRESS PROTO RESOURCE PARTITIONS KEY...');
  const partitions = Number(partitionCount);
  const keys = args.map(avroKey);
  const definition = protoLoader.loadSync(proto, { keepCase: true, defaults: true });
  const service = grpc.loadPackageDefinition(definition).com.linkedin.venice.rust.protocols;
  const client = new service.StreamingReadService(address, grpc.credentials.createInsecure());
  const request = (requestId, resourceName, asked) => ({
    requestId,
    resourceName,
    method: 'POST',
    keyBytes: keyBytes(asked, partitions),
  });

  let answers;
  try {
    answers = await streamed(client, [
      request(1, resource, [...keys, MISSING_KEY]),
      request(2, resource, keys),
      request(3, 'no_such_store_v1', keys),
    ]);
  } finally {
    client.close();
  }
  for (const [number, missing] of [[1, 1], [2, 0]]) {
    const { footer } = answers.get(number);
    requireThat(
      footer.errorCode === OK &&
        footer.foundKeys === keys.length &&
        footer.missingKeys === missing &&
        footer.failedKeys === 0,
      `request ${number}: ${JSON.stringify(footer)}`
    );
  }
  const [first, second] = [1, 2].map((number) => answers.get(number).records);
  const absent = first.get(-keys.length);
  requireThat(
    absent && absent.value.length === 0 && absent.schemaId === MISSING_SCHEMA_ID,
    `the record of a missing key is ${JSON.stringify(absent)}`
  );
  requireThat(first.size === keys.length + 1 && second.size === keys.length, 'records are missing');
  for (const [index, record] of second) {
    const other = first.get(index);
    requireThat(
      record.value.length > 0 && other.value.equals(record.value) && other.schemaId === record.schemaId,
      `${args[index]}: the same key has different records`
    );
  }
  const refused = answers.get(3).footer;
  requireThat(
    refused.errorCode === 500 && refused.failedKeys === keys.length,
    `a missing store: ${JSON.stringify(refused)}`
  );
  console.log(`node: ${keys.length} of ${keys.length} keys equal by two requests on one stream`);
}

main().catch((failure) => {
  console.error('node_streaming_client: ' + failure.message);
  process.exitCode = 1;
});
