#!/usr/bin/env node
// A client in JavaScript (@grpc/grpc-js) for servers that come and go; see README.md beside this file.
//
// usage: node fleet.js ADDRESSES CASES fleet|stream [REQUESTS]
'use strict';

const fs = require('fs');

const grpc = require('@grpc/grpc-js');

const LATEST = 60000; // ms
const MAX_TRIES = 5;

/** Returns name -> {path, request, answers}, in bytes. */
function readCases(path) {
  const lines = fs.readFileSync(path, 'ascii').split('\n').filter((line) => line);
  return Object.fromEntries(
    lines.map((line) => {
      const [name, method, ...messages] = line.split(' ');
      const [request, ...answers] = messages.map((message) => Buffer.from(message, 'hex'));
      return [name, { path: method, request, answers }];
    })
  );
}

const bytes = (message) => message;

function unary(client, { path, request, answers }, options) {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, bytes, bytes, request, new grpc.Metadata(options), { deadline: Date.now() + LATEST }, (failure, answer) => {
      if (failure) {
        reject(failure);
      } else if (!answer.equals(answers[0])) {
        reject(new Error(`an answer of ${answer.length} bytes`));
      } else {
        resolve();
      }
    });
  });
}

/** Asks as often on one call, no more at a time than `atOnce`; resolves when all is answered. */
function stream(client, { path, request, answers }, total, atOnce, options, deadline) {
  return new Promise((resolve, reject) => {
    const call = client.makeBidiStreamRequest(path, bytes, bytes, new grpc.Metadata(options), { deadline });
    const got = answers.map(() => 0);
    let sent = 0;
    const ask = () => {
      const least = Math.min(...got);
      while (sent < total && sent - least < atOnce) {
        call.write(request);
        sent += 1;
        if (sent === total) {
          call.end();
        }
      }
    };
    call.on('error', reject);
    call.on('data', (message) => {
      const which = answers.findIndex((answer) => answer.equals(message));
      if (which < 0) {
        reject(new Error(`an answer of ${message.length} bytes`));
        call.cancel();
        return;
      }
      got[which] += 1;
      ask();
    });
    call.on('end', () => {
      if (got.every((count) => count === total)) {
        resolve();
      } else {
        reject(new Error(`answers ${got} times`));
      }
    });
    ask();
  });
}

/**
 * Whether a call was refused before it began (REFUSED_STREAM). By gRPC's rules any client may make it again. This library
 * does so by itself, but once only; and Node refuses calls itself that wait to be sent when GOAWAY comes.
 */
const neverBegan = ({ code, details }) => code === grpc.status.UNAVAILABLE && details === 'Stream refused by server';

async function fleet(client, cases, waitForReady) {
  const counts = {};
  const failures = [];
  let refused = 0;
  let done = false;
  const work = async (name, once) => {
    let tries = 0;
    while (!done) {
      try {
        tries += 1;
        await once();
        tries = 0;
        counts[name] = (counts[name] || 0) + 1;
      } catch (failure) {
        if (neverBegan(failure) && tries < MAX_TRIES) {
          refused += 1;
        } else {
          tries = 0;
          failures.push(`${name}: ${failure.stack}`);
        }
      }
    }
  };
  const reads = (name) => () => unary(client, cases[name], { waitForReady });
  const streams = () => stream(client, cases.stream, 20, 20, { waitForReady }, Date.now() + LATEST);
  const workers = [
    ...[1, 2, 3].map(() => work('small', reads('small'))),
    ...[1, 2].map(() => work('large', reads('large'))),
    ...[1, 2].map(() => work('stream', streams)),
  ];
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.on('end', resolve));
  done = true;
  await Promise.all(workers);
  return { counts, failures, refused };
}

async function main() {
  const [addresses, path, mode, requests] = process.argv.slice(2);
  const cases = readCases(path);
  const several = addresses.includes(',');
  const options = { 'grpc.max_receive_message_length': 8 << 20 };
  if (several) {
    options['grpc.service_config'] = '{"loadBalancingConfig": [{"round_robin": {}}]}';
  }
  const client = new grpc.Client('ipv4:' + addresses, grpc.credentials.createInsecure(), options);
  if (mode === 'stream') {
    await stream(client, cases.stream, Number(requests), 50, {}, Infinity);
    console.log(`grpc-js: ${requests} requests answered on one call`);
  } else {
    const { counts, failures, refused } = await fleet(client, cases, !several);
    console.log(`grpc-js: ${JSON.stringify(counts)}, ${failures.length} failed, ${refused} refused before they began and made again`);
    failures.slice(0, 20).forEach((failure) => console.log('grpc-js: ' + failure.slice(0, 600)));
    if (failures.length > 0 || Object.keys(counts).length !== 3) {
      process.exitCode = 1;
    }
  }
  client.close();
}

main().catch((failure) => {
  console.error('fleet.js: ' + failure.stack);
  process.exitCode = 1;
});
