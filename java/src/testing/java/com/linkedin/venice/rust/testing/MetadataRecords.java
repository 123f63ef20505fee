package com.linkedin.venice.rust.testing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/**
 * What a Fast Client is told of a store: {@code MetadataResponseRecord} of version 4, read field by
 * field.
 *
 * @param routing URLs of the instances by partitions of the current version
 * @param helixGroups by URL
 */
public record MetadataRecords(
    int currentVersion,
    int compressionStrategy,
    int partitionCount,
    String partitionerClass,
    Map<String, String> partitionerParams,
    int amplificationFactor,
    int storageMode,
    List<Integer> versions,
    Map<String, String> keySchemas,
    Map<String, String> valueSchemas,
    int latestSuperSetValueSchemaId,
    Map<String, List<String>> routing,
    Map<String, Integer> helixGroups,
    int batchGetLimit,
    int externalStorageReadMode) {
  /** The protocol version. */
  public static final int VERSION = 4;

  /** Reads one item. */
  public interface Read<T> {
    /** Reads it. */
    T read() throws IOException;
  }

  /**
   * Reads a record.
   *
   * @throws VeniceClientException if it is none, or one of the fields is null that clients need
   */
  public static MetadataRecords decode(byte[] data) {
    BinaryDecoder in = DecoderFactory.get().binaryDecoder(data, null);
    try {
      MetadataRecords record = decode(in);
      if (!in.isEnd()) {
        throw new VeniceClientException("bytes are left behind the metadata");
      }
      return record;
    } catch (IOException | IndexOutOfBoundsException e) {
      throw new VeniceClientException("metadata cannot be decoded", e);
    }
  }

  private static MetadataRecords decode(BinaryDecoder in) throws IOException {
    notNull(in, "versionMetadata");
    return new MetadataRecords(
        in.readInt(),
        in.readInt(),
        in.readInt(),
        in.readString(),
        map(in, in::readString),
        in.readInt(),
        in.readInt(),
        list(in, in::readInt),
        map(notNull(in, "keySchema"), in::readString),
        map(notNull(in, "valueSchemas"), in::readString),
        notNull(in, "latestSuperSetValueSchemaId").readInt(),
        map(notNull(in, "routingInfo"), () -> list(in, in::readString)),
        map(notNull(in, "helixGroupInfo"), in::readInt),
        in.readInt(),
        in.readInt());
  }

  private static BinaryDecoder notNull(BinaryDecoder in, String field) throws IOException {
    if (in.readIndex() != 1) {
      throw new VeniceClientException(field + " of the metadata is null");
    }
    return in;
  }

  /** Reads a map of Avro, in the order of its keys. */
  public static <T> Map<String, T> map(BinaryDecoder in, Read<T> value) throws IOException {
    Map<String, T> map = new TreeMap<>();
    for (long n = in.readMapStart(); n > 0; n = in.mapNext()) {
      for (long i = 0; i < n; i++) {
        map.put(in.readString(), value.read());
      }
    }
    return map;
  }

  /** Reads an array of Avro. */
  public static <T> List<T> list(BinaryDecoder in, Read<T> item) throws IOException {
    List<T> list = new ArrayList<>();
    for (long n = in.readArrayStart(); n > 0; n = in.arrayNext()) {
      for (long i = 0; i < n; i++) {
        list.add(item.read());
      }
    }
    return list;
  }
}
