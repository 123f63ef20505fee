package com.linkedin.venice.rust;

import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What a {@link RustReadServer} has to know of a store version: docs/metadata.md. Immutable. */
public final class StoreVersionDescription {
  private final Builder told;

  private StoreVersionDescription(Builder told) {
    this.told = told;
  }

  /**
   * Begins a description.
   *
   * @param number what stands behind {@code _v} in the version's name
   * @param partitionCount the partitions that the version was made with
   */
  public static Builder of(int number, int partitionCount) {
    return new Builder(number, partitionCount);
  }

  void write(JsonText json) {
    json.open('{').name("number").value(told.number);
    json.name("partitionCount").value(told.partitionCount);
    if (told.partitionerClass != null) {
      json.name("partitioner").open('{').name("class").value(told.partitionerClass);
      json.name("params").texts(told.partitionerParams);
      json.name("amplificationFactor").value(told.amplificationFactor).close('}');
    }
    if (told.compression != null) {
      json.name("compression").value(told.compression);
    }
    if (told.dictionary != null) {
      json.name("dictionary").value(Base64.getEncoder().encodeToString(told.dictionary));
    }
    json.name("storageMode").value(told.storageMode).close('}');
  }

  /** Tells one thing after the other. What is not told has the default of docs/metadata.md. */
  public static final class Builder {
    private final int number;
    private final int partitionCount;
    private String partitionerClass;
    private Map<String, String> partitionerParams = new TreeMap<>();
    private int amplificationFactor = 1;
    private String compression;
    private byte[] dictionary;
    private int storageMode;

    private Builder(int number, int partitionCount) {
      this.number = number;
      this.partitionCount = partitionCount;
    }

    private Builder(Builder from) {
      number = from.number;
      partitionCount = from.partitionCount;
      partitionerClass = from.partitionerClass;
      partitionerParams = new TreeMap<>(from.partitionerParams);
      amplificationFactor = from.amplificationFactor;
      compression = from.compression;
      dictionary = from.dictionary;
      storageMode = from.storageMode;
    }

    /** How keys are dealt out to partitions: Venice's {@code PartitionerConfig}. */
    public Builder partitioner(
        String className, Map<String, String> params, int amplificationFactor) {
      partitionerClass = Objects.requireNonNull(className, "className");
      partitionerParams = new TreeMap<>(params);
      this.amplificationFactor = amplificationFactor;
      return this;
    }

    /** The name of Venice's {@code CompressionStrategy}, as {@code ZSTD_WITH_DICT}. */
    public Builder compression(String strategy) {
      compression = Objects.requireNonNull(strategy, "strategy");
      return this;
    }

    /** The dictionary that values are compressed with. Not needed where the version is hosted. */
    public Builder dictionary(byte[] dictionary) {
      this.dictionary = dictionary.clone();
      return this;
    }

    /** The number of Venice's {@code StorageMode}, for clients. */
    public Builder storageMode(int storageMode) {
      this.storageMode = storageMode;
      return this;
    }

    /** Returns the description; whether it is right the server says. */
    public StoreVersionDescription build() {
      return new StoreVersionDescription(new Builder(this));
    }
  }
}
