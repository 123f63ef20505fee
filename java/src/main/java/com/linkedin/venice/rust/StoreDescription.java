package com.linkedin.venice.rust;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a {@link RustReadServer} has to know of a store beyond its databases: docs/metadata.md.
 * Immutable; two are equal when they tell the same.
 */
public final class StoreDescription {
  private final String name;
  private final String json;

  private StoreDescription(String name, String json) {
    this.name = name;
    this.json = json;
  }

  /** Begins the description of a store. */
  public static Builder of(String name) {
    return new Builder(name);
  }

  /** Returns the store's name. */
  public String name() {
    return name;
  }

  /** Returns the description in its form: JSON, as a file of {@code stores.descriptions} has it. */
  public String json() {
    return json;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StoreDescription && json.equals(((StoreDescription) other).json);
  }

  @Override
  public int hashCode() {
    return json.hashCode();
  }

  @Override
  public String toString() {
    return json;
  }

  /** Tells one thing after the other. What is not told has the default of docs/metadata.md. */
  public static final class Builder {
    private final String name;
    private final Map<Integer, String> keySchemas = new TreeMap<>();
    private final Map<Integer, String> valueSchemas = new TreeMap<>();
    private final List<StoreVersionDescription> versions = new ArrayList<>();
    private final Map<Integer, List<String>> replicas = new TreeMap<>();
    private final Map<String, Integer> helixGroups = new TreeMap<>();
    private Integer supersetSchemaId;
    private Integer latestValueSchemaId;
    private boolean readComputeEnabled;
    private boolean storageNodeReadQuotaEnabled;
    private int batchGetLimit;
    private int externalStorageReadMode;
    private boolean moved;
    private int currentVersion;
    private int propertiesVersion;
    private byte[] properties;

    private Builder(String name) {
      this.name = Objects.requireNonNull(name, "name");
    }

    /** A schema of keys, as text in Avro's JSON. */
    public Builder keySchema(int id, String schema) {
      keySchemas.put(id, Objects.requireNonNull(schema, "schema"));
      return this;
    }

    /** A schema of values, as text in Avro's JSON. */
    public Builder valueSchema(int id, String schema) {
      valueSchemas.put(id, Objects.requireNonNull(schema, "schema"));
      return this;
    }

    /** The schema that has the fields of all, -1 if there is none. */
    public Builder supersetSchemaId(int id) {
      supersetSchemaId = id;
      return this;
    }

    /** The newest schema of values; else it is the one of the greatest id. */
    public Builder latestValueSchemaId(int id) {
      latestValueSchemaId = id;
      return this;
    }

    /** Whether clients may let the server compute. */
    public Builder readComputeEnabled(boolean enabled) {
      readComputeEnabled = enabled;
      return this;
    }

    /** Whether Fast Clients may read the store: its metadata is refused otherwise. */
    public Builder storageNodeReadQuotaEnabled(boolean enabled) {
      storageNodeReadQuotaEnabled = enabled;
      return this;
    }

    /** Keys of a batch get, for clients; 0 and -1 stand for Venice's 150. */
    public Builder batchGetLimit(int keys) {
      batchGetLimit = keys;
      return this;
    }

    /** The number of Venice's {@code ExternalStorageReadMode}, for clients. */
    public Builder externalStorageReadMode(int mode) {
      externalStorageReadMode = mode;
      return this;
    }

    /** Whether another cluster serves the store by now, so that clients must look for it anew. */
    public Builder moved(boolean moved) {
      this.moved = moved;
      return this;
    }

    /** The version that clients read, one of {@link #version}; 0 if there is none. */
    public Builder currentVersion(int number) {
      currentVersion = number;
      return this;
    }

    /** A version of the store. */
    public Builder version(StoreVersionDescription version) {
      versions.add(Objects.requireNonNull(version, "version"));
      return this;
    }

    /** URLs of the instances that are ready to serve a partition of the current version. */
    public Builder replicas(int partition, List<String> urls) {
      replicas.put(partition, new ArrayList<>(urls));
      return this;
    }

    /** The Helix group of an instance. */
    public Builder helixGroup(String url, int group) {
      helixGroups.put(Objects.requireNonNull(url, "url"), group);
      return this;
    }

    /** Venice's record {@code StoreProperties} of a version of {@code StoreMetaValue}, in Avro. */
    public Builder properties(int schemaVersion, byte[] avro) {
      propertiesVersion = schemaVersion;
      properties = avro.clone();
      return this;
    }

    /** Returns the description; whether it is right the server says. */
    public StoreDescription build() {
      JsonText json = new JsonText().open('{').name("name").value(name);
      json.name("currentVersion").value(currentVersion);
      json.name("versions").open('[');
      for (StoreVersionDescription version : versions) {
        version.write(json);
      }
      json.close(']');
      json.name("keySchemas").texts(keySchemas);
      json.name("valueSchemas").texts(valueSchemas);
      if (latestValueSchemaId != null) {
        json.name("latestValueSchemaId").value(latestValueSchemaId);
      }
      if (supersetSchemaId != null) {
        json.name("supersetSchemaId").value(supersetSchemaId);
      }
      json.name("readComputeEnabled").value(readComputeEnabled);
      json.name("storageNodeReadQuotaEnabled").value(storageNodeReadQuotaEnabled);
      json.name("batchGetLimit").value(batchGetLimit);
      json.name("externalStorageReadMode").value(externalStorageReadMode);
      json.name("moved").value(moved);
      writeRouting(json);
      if (properties != null) {
        json.name("properties").open('{').name("schemaVersion").value(propertiesVersion);
        json.name("avro").value(Base64.getEncoder().encodeToString(properties)).close('}');
      }
      return new StoreDescription(name, json.close('}').toString());
    }

    private void writeRouting(JsonText json) {
      json.name("routing").open('{').name("replicas").open('{');
      for (Map.Entry<Integer, List<String>> partition : replicas.entrySet()) {
        json.name(String.valueOf(partition.getKey())).open('[');
        for (String url : partition.getValue()) {
          json.value(url);
        }
        json.close(']');
      }
      json.close('}').name("helixGroups").open('{');
      for (Map.Entry<String, Integer> group : helixGroups.entrySet()) {
        json.name(group.getKey()).value(group.getValue());
      }
      json.close('}').close('}');
    }
  }
}
