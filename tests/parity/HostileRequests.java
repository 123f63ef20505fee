package com.linkedin.venice.rust.tests;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.SampleRows;
import io.grpc.netty.shaded.io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Requests that no client of good will sends, from a seed: the same seed, the same requests. */
final class HostileRequests {
  private static final String[] KEY_STRING_PIECES = {
    "?f=b64",
    "?",
    "f=b64",
    "&",
    ";",
    "=",
    "#",
    "%",
    "%2",
    "%41",
    "%00",
    "%c3%a4",
    "%ED%A0%80",
    "%f0%9f%98%80",
    "%ff",
    "%e2%82",
    "%C0%80",
    "%F4%90%80%80",
    "%zz",
    "+",
    "/",
    "-",
    "_",
    "A",
    "AAAA",
    "AA==",
    "AA=",
    "key",
    "\u00e4",
    "\ud83d\ude00",
    "f",
    "g=1",
    "%66=b64",
    "f=%6264",
    "\u0000",
    " ",
    "*"
  };

  private final Random random;
  private final String[] resources;
  private final SampleRows rows;
  private final int partitions;

  HostileRequests(long seed, SampleRows rows, int partitions, String... resources) {
    this.random = new Random(seed);
    this.rows = rows;
    this.partitions = partitions;
    this.resources = resources;
  }

  /** Returns the next request, which may be no message at all. */
  ByteString next() {
    switch (random.nextInt(16)) {
      case 0:
        return bytes(random.nextInt(60));
      case 1:
        return mutated(singleGet().toByteString());
      case 2:
        return mutated(batchGet().toByteString());
      case 3:
        return singleGet().toBuilder().setKeyString(keyString()).build().toByteString();
      case 4:
        return batchGet().toBuilder().setKeyBytes(bytes(random.nextInt(40))).build().toByteString();
      case 5:
        VeniceClientRequest batch = batchGet();
        return batch.toBuilder().setKeyBytes(mutated(batch.getKeyBytes())).build().toByteString();
      case 6:
        return anyFields().toByteString();
      case 7:
        // Unknown fields, repeated fields and groups around a good request.
        ByteString extra = bytes(1 + random.nextInt(6));
        ByteString good = random.nextBoolean() ? singleGet().toByteString() : ByteString.EMPTY;
        return random.nextBoolean() ? good.concat(extra) : extra.concat(good);
      case 8:
      case 9:
      case 10:
        return singleGet().toByteString();
      default:
        return batchGet().toByteString();
    }
  }

  /** Returns a single get of partition 0 with an odd key string. */
  VeniceClientRequest keyStringRequest() {
    return VeniceClientRequest.newBuilder()
        .setResourceName(resource())
        .setKeyString(keyString())
        .build();
  }

  /** Returns the key that Venice's server reads out of a key string; nothing if it cannot. */
  static Optional<byte[]> decodeKeyString(String keyString) {
    try {
      QueryStringDecoder decoder = new QueryStringDecoder(keyString, StandardCharsets.UTF_8);
      List<String> formats = decoder.parameters().get("f");
      return Optional.of(
          formats != null && formats.get(0).equals("b64")
              ? Base64.getUrlDecoder().decode(decoder.path())
              : decoder.path().getBytes(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private VeniceClientRequest singleGet() {
    byte[] key = key();
    return ReadRequests.singleGet(resource(), partition(), key);
  }

  private VeniceClientRequest batchGet() {
    List<MultiGetRecords.Key> keys = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      keys.add(new MultiGetRecords.Key(random.nextInt(), key(), partition()));
    }
    return ReadRequests.batchGet(resource(), MultiGetRecords.encodeKeys(keys)).toBuilder()
        .setIsStreamingRequest(random.nextBoolean())
        .build();
  }

  private VeniceClientRequest anyFields() {
    VeniceClientRequest.Builder request = VeniceClientRequest.newBuilder();
    request.setIsBatchRequest(random.nextBoolean()).setIsStreamingRequest(random.nextBoolean());
    if (random.nextBoolean()) {
      request.setResourceName(random.nextBoolean() ? resource() : text());
    }
    if (random.nextBoolean()) {
      request.setPartition(random.nextInt());
    }
    if (random.nextBoolean()) {
      request.setKeyString(keyString());
    }
    if (random.nextBoolean()) {
      request.setKeyBytes(bytes(random.nextInt(12)));
    }
    return request.setIsRetryRequest(random.nextBoolean()).setMethod(text()).build();
  }

  private byte[] key() {
    return random.nextInt(4) == 0
        ? bytes(random.nextInt(20)).toByteArray()
        : rows.key(random.nextInt(rows.count() + 3));
  }

  private String resource() {
    return resources[random.nextInt(resources.length)];
  }

  private int partition() {
    return random.nextInt(12) == 0 ? random.nextInt() : random.nextInt(partitions);
  }

  private String keyString() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(7); i > 0; i--) {
      text.append(KEY_STRING_PIECES[random.nextInt(KEY_STRING_PIECES.length)]);
    }
    if (random.nextInt(3) == 0) {
      text.append("?f=b64");
    }
    return text.toString();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(10); i > 0; i--) {
      text.appendCodePoint(random.nextBoolean() ? random.nextInt(0x80) : random.nextInt(0xd800));
    }
    return text.toString();
  }

  private ByteString bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  /** Returns the bytes with some changed, added, or taken away. */
  private ByteString mutated(ByteString original) {
    byte[] bytes = original.toByteArray();
    for (int i = random.nextInt(3); i >= 0 && bytes.length > 0; i--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    ByteString changed = ByteString.copyFrom(bytes);
    switch (random.nextInt(4)) {
      case 0:
        return changed.substring(0, random.nextInt(bytes.length + 1));
      case 1:
        return changed.concat(bytes(1 + random.nextInt(3)));
      default:
        return changed;
    }
  }

  /** {@link Difference#NEGATIVE_PARTITION} as Java has it. */
  static Answer negativePartitionInJava() {
    return Answer.internalError("java.lang.IllegalArgumentException: Index cannot be negative.");
  }

  /** {@link Difference#NEGATIVE_PARTITION} as Rust has it. */
  static Answer negativePartitionInRust(String resource, int partition) {
    return Answer.internalError(
        "com.linkedin.venice.exceptions.VeniceException: Failed to get read-write lock for"
            + " partition: "
            + partition
            + ", store: "
            + resource);
  }
}
