package com.linkedin.venice.rust.release;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * An ad-hoc code signature of a Mach-O file: a SHA-256 of each page, and nobody's name.
 *
 * <p>macOS on arm64 loads nothing without a signature; an ad-hoc one says only that the file is
 * whole. Laid out as Apple's {@code cs_blobs.h} says, all numbers big endian.
 */
public final class CodeSignature {
  private static final int SUPER_BLOB = 0xfade0cc0;
  private static final int CODE_DIRECTORY = 0xfade0c02;
  private static final int SUPER_BLOB_BYTES = 20;
  private static final int CODE_DIRECTORY_BYTES = 88;
  private static final int VERSION = 0x20400;
  private static final int AD_HOC = 0x2;
  private static final int SHA_256 = 2;
  private static final int HASH_BYTES = 32;
  private static final int PAGE_SHIFT = 12;
  private static final int MAX_PAGE_SHIFT = 14;

  private final byte[] file;
  private final ByteBuffer directory;
  private final int signatureOffset;

  private CodeSignature(byte[] file, ByteBuffer directory, int signatureOffset) {
    this.file = file;
    this.directory = directory;
    this.signatureOffset = signatureOffset;
  }

  /** Bytes of the signature of a file whose first {@code codeBytes} bytes are signed. */
  static int size(int codeBytes, String identifier) {
    int pages = (codeBytes + (1 << PAGE_SHIFT) - 1) >> PAGE_SHIFT;
    int size = SUPER_BLOB_BYTES + CODE_DIRECTORY_BYTES + identifier.length() + 1;
    return (size + pages * HASH_BYTES + 15) / 16 * 16;
  }

  /**
   * Signs the first {@code codeBytes} bytes of {@code file}, writing the signature behind them.
   *
   * @param textBytes size of the segment {@code __TEXT}, which begins the file
   */
  static void write(byte[] file, int codeBytes, String identifier, long textBytes) {
    int pages = (codeBytes + (1 << PAGE_SHIFT) - 1) >> PAGE_SHIFT;
    int hashes = CODE_DIRECTORY_BYTES + identifier.length() + 1;
    int directoryBytes = hashes + pages * HASH_BYTES;
    ByteBuffer out = ByteBuffer.wrap(file, codeBytes, file.length - codeBytes);
    out.putInt(SUPER_BLOB).putInt(SUPER_BLOB_BYTES + directoryBytes).putInt(1);
    out.putInt(0).putInt(SUPER_BLOB_BYTES);
    out.putInt(CODE_DIRECTORY).putInt(directoryBytes).putInt(VERSION).putInt(AD_HOC);
    out.putInt(hashes).putInt(CODE_DIRECTORY_BYTES).putInt(0).putInt(pages).putInt(codeBytes);
    out.put((byte) HASH_BYTES).put((byte) SHA_256).put((byte) 0).put((byte) PAGE_SHIFT).putInt(0);
    // No scatter vector, no team, no limit beyond 32 bits.
    out.putInt(0).putInt(0).putInt(0).putLong(0);
    // The executable segment: where, how large, and 0, as it is no main program.
    out.putLong(0).putLong(textBytes).putLong(0);
    out.put(identifier.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
    for (int page = 0; page < pages; page++) {
      out.put(hash(file, page, PAGE_SHIFT, codeBytes));
    }
  }

  static CodeSignature read(byte[] file, int offset, int size) {
    ByteBuffer blob = ByteBuffer.wrap(file, offset, size).slice();
    if (blob.getInt(0) != SUPER_BLOB) {
      throw new FormatException(
          "the signature begins with 0x" + Integer.toHexString(blob.getInt(0)));
    }
    for (int index = 0; index < blob.getInt(8); index++) {
      int at = blob.getInt(16 + index * 8);
      if (blob.getInt(at) == CODE_DIRECTORY) {
        return new CodeSignature(file, blob.position(at).slice(), offset);
      }
    }
    throw new FormatException("the signature has no code directory");
  }

  /** Whether it is signed by nobody. */
  public boolean isAdHoc() {
    return (directory.getInt(12) & AD_HOC) != 0;
  }

  /**
   * Whether each page of everything before the signature has the hash that stands in it. Pages are
   * as large as the signature says: 4 KiB are Apple's and ours, 16 KiB those of zig's linker.
   */
  public boolean isRight() {
    int codeBytes = directory.getInt(32);
    int pages = directory.getInt(28);
    int pageShift = directory.get(39);
    if (codeBytes != signatureOffset
        || directory.get(37) != SHA_256
        || pageShift < PAGE_SHIFT
        || pageShift > MAX_PAGE_SHIFT
        || pages != (codeBytes + (1 << pageShift) - 1) >> pageShift) {
      return false;
    }
    byte[] wanted = new byte[HASH_BYTES];
    for (int page = 0; page < pages; page++) {
      directory.get(directory.getInt(16) + page * HASH_BYTES, wanted);
      if (!Arrays.equals(wanted, hash(file, page, pageShift, codeBytes))) {
        return false;
      }
    }
    return true;
  }

  private static byte[] hash(byte[] file, int page, int pageShift, int codeBytes) {
    int begin = page << pageShift;
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(file, begin, Math.min(codeBytes, begin + (1 << pageShift)) - begin);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
