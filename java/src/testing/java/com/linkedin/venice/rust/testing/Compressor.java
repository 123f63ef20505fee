package com.linkedin.venice.rust.testing;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdDictTrainer;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Compresses and decompresses the payloads of one store version. Thread-safe. */
public final class Compressor {
  private static final int DICTIONARY_BYTES = 16 * 1024;

  private final CompressionStrategy strategy;
  private final byte[] dictionary;

  private Compressor(CompressionStrategy strategy, byte[] dictionary) {
    this.strategy = strategy;
    this.dictionary = dictionary;
  }

  /**
   * Returns the compressor of a store version.
   *
   * @param dictionary the store version's zstd dictionary, null unless the strategy needs one
   */
  public static Compressor of(CompressionStrategy strategy, byte[] dictionary) {
    if (strategy == CompressionStrategy.ZSTD_WITH_DICT && dictionary == null) {
      throw new IllegalArgumentException("ZSTD_WITH_DICT needs the store version's dictionary");
    }
    return new Compressor(strategy, dictionary);
  }

  /**
   * Makes a zstd dictionary from sample payloads. When there is too little to train on, the samples
   * themselves become the dictionary, which zstd takes as raw content.
   */
  public static byte[] trainDictionary(List<byte[]> samples) {
    int sampleBytes = samples.stream().mapToInt(sample -> sample.length).sum();
    ZstdDictTrainer trainer = new ZstdDictTrainer(Math.max(sampleBytes, 1), DICTIONARY_BYTES);
    samples.forEach(trainer::addSample);
    try {
      return trainer.trainSamples();
    } catch (ZstdException e) {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      samples.forEach(content::writeBytes);
      return content.toByteArray();
    }
  }

  /** Returns the strategy. */
  public CompressionStrategy strategy() {
    return strategy;
  }

  /** Returns the payload as it is stored. */
  public byte[] compress(byte[] payload) {
    switch (strategy) {
      case GZIP:
        return gzip(payload);
      case ZSTD_WITH_DICT:
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
          // Venice's client relies on the content size in the frame header.
          return context.setContentSize(true).loadDict(dictionary).compress(payload);
        }
      default:
        return payload;
    }
  }

  /**
   * Returns the payload as it was before {@link #compress}.
   *
   * @throws VeniceClientException if the bytes were not made by this strategy and dictionary
   */
  public byte[] decompress(byte[] stored) {
    try {
      switch (strategy) {
        case GZIP:
          return gunzip(stored);
        case ZSTD_WITH_DICT:
          return unzstd(stored);
        default:
          return stored;
      }
    } catch (UncheckedIOException | ZstdException e) {
      throw new VeniceClientException("a value is no " + strategy + " payload", e);
    }
  }

  private byte[] unzstd(byte[] stored) {
    long size = Zstd.getFrameContentSize(stored);
    if (size < 0 || size > Integer.MAX_VALUE - 8) {
      throw new VeniceClientException("a zstd frame does not say its content size");
    }
    try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
      return context.loadDict(dictionary).decompress(stored, (int) size);
    }
  }

  private static byte[] gzip(byte[] payload) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(payload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] gunzip(byte[] stored) {
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(stored))) {
      return gzip.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
