package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.Compressor;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.rocksdb.RocksDBException;

/** Empty store versions in every form that values are stored in, hosted by both servers. */
final class ComputeForms {
  /** Values above it are in chunks, where there are chunks. */
  private static final int CHUNK_BYTES = 64;

  private final DescribedServers servers;
  private final List<StoreVersion> forms = new ArrayList<>();

  ComputeForms(DescribedServers servers, Path data) throws IOException, RocksDBException {
    this.servers = servers;
    SampleRows rows = new SampleRows(100, 0, 300);
    byte[] dictionary =
        Compressor.trainDictionary(
            rows.values(0, rows.count()).stream().map(value -> value.payload()).toList());
    for (CompressionStrategy strategy : CompressionStrategy.values()) {
      for (boolean chunked : new boolean[] {false, true}) {
        StoreVersionConfig config =
            new StoreVersionConfig("compute" + forms.size(), 1, 1 + forms.size() % 3)
                .withPuts()
                .withCompression(
                    strategy, strategy == CompressionStrategy.ZSTD_WITH_DICT ? dictionary : null);
        forms.add(
            servers
                .served()
                .push(data, chunked ? config.withChunks(CHUNK_BYTES) : config, writer -> {}));
      }
    }
  }

  int count() {
    return forms.size();
  }

  StoreVersion get(int form) {
    return forms.get(form);
  }

  /** Tells both servers what the values of a form are written with, in place of what was told. */
  Store describe(int form, Map<Integer, Schema> valueSchemas, int superSetId) {
    StoreVersionConfig config = forms.get(form).config();
    Map<Integer, String> texts = new TreeMap<>();
    valueSchemas.forEach((id, schema) -> texts.put(id, schema.toString()));
    Store store =
        Store.builder("compute" + form, "\"bytes\"", "\"string\"")
            .valueSchemas(texts, superSetId)
            .versions(
                1,
                Store.Version.of(1, config.compressor().strategy().id(), config.partitionCount()))
            .build();
    servers.describe(store);
    return store;
  }
}
