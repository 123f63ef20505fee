package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyMetaData;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LevelMetaData;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.SstFileMetaData;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileWriter;
import org.rocksdb.TableProperties;

/** What Java is told of files. The same test runs on rocksdbjni's own library. */
public class MetadataTest {
  @Rule public final RocksFolder folder = new RocksFolder();

  @Test
  public void ofADatabase() throws Exception {
    String path = folder.newPath();
    try (RocksDB db = RocksDB.open(path);
        ColumnFamilyHandle second =
            db.createColumnFamily(new ColumnFamilyDescriptor(b("second \u00fc")));
        FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      assertTrue(db.getLiveFilesMetaData().isEmpty());
      ColumnFamilyMetaData empty = db.getColumnFamilyMetaData();
      assertEquals(0, empty.size());
      assertEquals(0, empty.fileCount());
      db.put(b("a"), b("1"));
      db.put(b("c"), b("3"));
      db.delete(b("b"));
      db.flush(flush);
      db.put(second, b("x"), b("y"));
      db.flush(flush, second);

      List<LiveFileMetaData> live = db.getLiveFilesMetaData();
      assertEquals(2, live.size());
      LiveFileMetaData file =
          live.stream()
              .filter(f -> new String(f.columnFamilyName()).equals("default"))
              .findFirst()
              .orElseThrow();
      assertEquals(0, file.level());
      assertEquals(path, file.path());
      assertTrue(Files.exists(Path.of(path + file.fileName())));
      assertEquals(Files.size(Path.of(path + file.fileName())), file.size());
      assertArrayEquals(b("a"), file.smallestKey());
      assertArrayEquals(b("c"), file.largestKey());
      assertEquals(1, file.smallestSeqno());
      assertEquals(3, file.largestSeqno());
      assertEquals(3, file.numEntries());
      assertEquals(1, file.numDeletions());
      assertFalse(file.beingCompacted());
      assertNotNull(file.fileChecksum());

      ColumnFamilyMetaData family = db.getColumnFamilyMetaData(second);
      assertArrayEquals(b("second \u00fc"), family.name());
      assertEquals(1, family.fileCount());
      List<LevelMetaData> levels = family.levels();
      assertEquals(7, levels.size());
      assertEquals(family.size(), levels.get(0).size());
      assertEquals(0, levels.get(0).level());
      SstFileMetaData only = levels.get(0).files().get(0);
      assertArrayEquals(b("x"), only.smallestKey());
      assertEquals(1, only.numEntries());
      assertTrue(levels.get(6).files().isEmpty());
      assertEquals(6, levels.get(6).level());
      assertArrayEquals(b("second \u00fc"), second.getName());
      assertEquals(1, second.getID());
    }
  }

  @Test
  public void ofASortedFile() throws Exception {
    String file = folder.missing("rows.sst");
    try (Options options = new Options();
        EnvOptions env = new EnvOptions();
        SstFileWriter writer = new SstFileWriter(env, options)) {
      writer.open(file);
      for (int i = 100; i < 200; i++) {
        writer.put(b("key" + i), new byte[i]);
      }
      writer.finish();
    }
    try (Options options = new Options();
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(file);
      TableProperties properties = reader.getTableProperties();
      assertEquals(100, properties.getNumEntries());
      assertEquals(0, properties.getNumDeletions());
      assertEquals(14950, properties.getRawValueSize());
      assertEquals(1400, properties.getRawKeySize());
      assertTrue(properties.getDataSize() > 0);
      assertTrue(properties.getNumDataBlocks() > 0);
      assertEquals("leveldb.BytewiseComparator", properties.getComparatorName());
      assertEquals("Snappy", properties.getCompressionName());
      assertEquals("[]", properties.getPropertyCollectorsNames());
      assertEquals("nullptr", properties.getMergeOperatorName());
      assertNull(properties.getFilterPolicyName());
      assertTrue(
          properties.getUserCollectedProperties().containsKey("rocksdb.external_sst_file.version"));
      assertNotNull(properties.getReadableProperties());
      assertNotNull(properties.getColumnFamilyName());
    }
  }
}
