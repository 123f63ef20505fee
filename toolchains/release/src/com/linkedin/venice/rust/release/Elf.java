package com.linkedin.venice.rust.release;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A shared library of Linux: ELF, 64 bits, little endian, after the System V ABI ({@code elf(5)}).
 */
public final class Elf {
  /** {@code e_machine} of x86-64. */
  public static final int EM_X86_64 = 62;

  /** {@code e_machine} of arm64. */
  public static final int EM_AARCH64 = 183;

  private static final int HEADER_BYTES = 64;
  private static final int SECTION_HEADER_BYTES = 64;
  private static final int SHT_DYNSYM = 11;
  private static final int SHT_GNU_VERNEED = 0x6ffffffe;
  private static final int SHT_DYNAMIC = 6;
  private static final int SHT_NOTE = 7;
  private static final int SHT_NOBITS = 8;
  private static final long SHF_ALLOC = 2;
  private static final long SHF_INFO_LINK = 0x40;
  private static final long DT_NEEDED = 1;
  private static final long DT_TEXTREL = 22;
  private static final long DT_FLAGS = 30;
  private static final long DF_TEXTREL = 4;
  private static final int NT_GNU_BUILD_ID = 3;

  private final ByteBuffer file;
  private final List<Section> sections = new ArrayList<>();

  private Elf(byte[] bytes) {
    file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long offset = file.getLong(40);
    int count = Short.toUnsignedInt(file.getShort(60));
    int names = Short.toUnsignedInt(file.getShort(62));
    for (int index = 0; index < count; index++) {
      sections.add(new Section(file, Math.toIntExact(offset) + index * SECTION_HEADER_BYTES));
    }
    for (Section section : sections) {
      section.name = text(sections.get(names).offset + section.nameOffset);
    }
  }

  /** One section header ({@code Elf64_Shdr}). */
  private static final class Section {
    final int nameOffset;
    final int type;
    final long flags;
    final long offset;
    final long size;
    final int link;
    final int info;
    final byte[] header = new byte[SECTION_HEADER_BYTES];
    String name;

    Section(ByteBuffer file, int at) {
      nameOffset = file.getInt(at);
      type = file.getInt(at + 4);
      flags = file.getLong(at + 8);
      offset = file.getLong(at + 24);
      size = file.getLong(at + 32);
      link = file.getInt(at + 40);
      info = file.getInt(at + 44);
      file.get(at, header);
    }

    boolean isLoaded() {
      return (flags & SHF_ALLOC) != 0;
    }
  }

  /** Whether {@code bytes} begin as an ELF file does. */
  public static boolean is(byte[] bytes) {
    return bytes.length > HEADER_BYTES
        && bytes[0] == 0x7f
        && bytes[1] == 'E'
        && bytes[2] == 'L'
        && bytes[3] == 'F';
  }

  /**
   * Reads a library.
   *
   * @throws FormatException if it is not ELF of 64 bits, little endian, or not a shared library
   */
  public static Elf read(byte[] bytes) {
    if (!is(bytes)) {
      throw new FormatException("not an ELF file");
    }
    if (bytes[4] != 2 || bytes[5] != 1) {
      throw new FormatException(
          "ELF class " + bytes[4] + " and data " + bytes[5] + ", expected 2 and 1");
    }
    Elf elf = new Elf(bytes);
    int type = elf.file.getShort(16);
    if (type != 3) {
      throw new FormatException("ELF type " + type + ", expected 3, a shared library");
    }
    return elf;
  }

  /** {@code e_machine}: {@link #EM_X86_64}, {@link #EM_AARCH64} or another number. */
  public int machine() {
    return Short.toUnsignedInt(file.getShort(18));
  }

  /** The dynamic symbols that the library defines, and so exports. */
  public TreeSet<String> exported() {
    return dynamicSymbols(true);
  }

  /** The dynamic symbols that the library wants of others. */
  public TreeSet<String> undefined() {
    return dynamicSymbols(false);
  }

  private TreeSet<String> dynamicSymbols(boolean defined) {
    TreeSet<String> names = new TreeSet<>();
    Section symbols = section(SHT_DYNSYM);
    long strings = sections.get(symbols.link).offset;
    for (long at = symbols.offset; at < symbols.offset + symbols.size; at += 24) {
      int name = file.getInt((int) at);
      boolean isDefined = file.getShort((int) at + 6) != 0;
      if (name != 0 && isDefined == defined) {
        names.add(text(strings + name));
      }
    }
    return names;
  }

  /**
   * The versions of symbols that the library wants, by the library it wants them of: {@code
   * libc.so.6} to {@code GLIBC_2.2.5, GLIBC_2.14...}.
   */
  public Map<String, TreeSet<String>> wantedVersions() {
    Map<String, TreeSet<String>> wanted = new LinkedHashMap<>();
    for (Section section : sections) {
      if (section.type != SHT_GNU_VERNEED) {
        continue;
      }
      long strings = sections.get(section.link).offset;
      long at = section.offset;
      for (int need = 0; need < section.info; need++) {
        TreeSet<String> versions =
            wanted.computeIfAbsent(
                text(strings + file.getInt((int) at + 4)), key -> new TreeSet<>());
        long auxiliary = at + file.getInt((int) at + 8);
        int count = Short.toUnsignedInt(file.getShort((int) at + 2));
        for (int version = 0; version < count; version++) {
          versions.add(text(strings + file.getInt((int) auxiliary + 8)));
          auxiliary += file.getInt((int) auxiliary + 12);
        }
        at += file.getInt((int) at + 12);
      }
    }
    return wanted;
  }

  /** The libraries that must be loaded with it ({@code DT_NEEDED}). */
  public List<String> needed() {
    List<String> names = new ArrayList<>();
    Section dynamic = section(SHT_DYNAMIC);
    long strings = sections.get(dynamic.link).offset;
    for (long at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
      if (file.getLong((int) at) == DT_NEEDED) {
        names.add(text(strings + file.getLong((int) at + 8)));
      }
    }
    return names;
  }

  /** Whether the loader must write into the code, which hardened systems refuse. */
  public boolean hasTextRelocations() {
    Section dynamic = section(SHT_DYNAMIC);
    for (long at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
      long tag = file.getLong((int) at);
      if (tag == DT_TEXTREL || tag == DT_FLAGS && (file.getLong((int) at + 8) & DF_TEXTREL) != 0) {
        return true;
      }
    }
    return false;
  }

  /** The GNU build id in hexadecimal, by which debuggers find the debug file; empty if none. */
  public String buildId() {
    ByteBuffer id = buildIdBytes();
    byte[] bytes = new byte[id.remaining()];
    id.get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * The same file with another GNU build id.
   *
   * @throws FormatException if the file has none of that length
   */
  public byte[] withBuildId(byte[] id) {
    ByteBuffer old = buildIdBytes();
    if (old.remaining() != id.length) {
      throw new FormatException(
          "a build id of " + old.remaining() + " bytes, expected " + id.length);
    }
    byte[] bytes = file.array().clone();
    System.arraycopy(id, 0, bytes, old.position(), id.length);
    return bytes;
  }

  /** The bytes of the build id in the file; none if there is no id. */
  private ByteBuffer buildIdBytes() {
    for (Section section : sections) {
      if (section.type == SHT_NOTE && section.name.equals(".note.gnu.build-id")) {
        int at = (int) section.offset;
        int nameBytes = file.getInt(at);
        if (file.getInt(at + 8) == NT_GNU_BUILD_ID) {
          int begin = at + 12 + (nameBytes + 3) / 4 * 4;
          return file.duplicate().position(begin).limit(begin + file.getInt(at + 4));
        }
      }
    }
    return ByteBuffer.allocate(0);
  }

  /** Whether symbols for debuggers are inside. */
  public boolean hasSymbolTable() {
    return sections.stream().anyMatch(section -> section.name.equals(".symtab"));
  }

  /**
   * The library without what the loader does not load: symbol tables, debug information, comments.
   */
  public byte[] stripped() {
    List<Integer> kept = new ArrayList<>();
    Map<Integer, Integer> renumbered = new HashMap<>();
    long end = HEADER_BYTES;
    for (int index = 0; index < sections.size(); index++) {
      Section section = sections.get(index);
      if (index == 0 || section.isLoaded()) {
        renumbered.put(index, kept.size());
        kept.add(index);
        if (section.type != SHT_NOBITS) {
          end = Math.max(end, section.offset + section.size);
        }
      }
    }
    for (Section section : sections) {
      if (section.offset > 0 && !section.isLoaded() && section.offset < end && section.size > 0) {
        throw new FormatException(
            "section " + section.name + " lies among the loaded ones, so it cannot be cut off");
      }
    }

    ByteArrayOutputStream names = new ByteArrayOutputStream();
    names.write(0);
    long namesOffset = end;
    List<byte[]> headers = new ArrayList<>();
    for (int index : kept) {
      Section section = sections.get(index);
      ByteBuffer header = ByteBuffer.wrap(section.header.clone()).order(ByteOrder.LITTLE_ENDIAN);
      header.putInt(0, index == 0 ? 0 : names.size());
      if (index != 0) {
        names.writeBytes(section.name.getBytes(StandardCharsets.US_ASCII));
        names.write(0);
      }
      header.putInt(40, renumbered.getOrDefault(section.link, 0));
      if ((section.flags & SHF_INFO_LINK) != 0) {
        header.putInt(44, renumbered.getOrDefault(section.info, 0));
      }
      headers.add(header.array());
    }
    ByteBuffer own =
        ByteBuffer.allocate(SECTION_HEADER_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(0, names.size())
            .putInt(4, 3); // SHT_STRTAB
    names.writeBytes(".shstrtab".getBytes(StandardCharsets.US_ASCII));
    names.write(0);
    own.putLong(24, namesOffset).putLong(32, names.size()).putLong(48, 1);
    headers.add(own.array());

    long headersOffset = (namesOffset + names.size() + 7) / 8 * 8;
    ByteBuffer out =
        ByteBuffer.allocate(
                Math.toIntExact(headersOffset + (long) headers.size() * SECTION_HEADER_BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put(file.array(), 0, (int) end).put(names.toByteArray());
    for (int index = 0; index < headers.size(); index++) {
      out.put((int) headersOffset + index * SECTION_HEADER_BYTES, headers.get(index));
    }
    out.putLong(40, headersOffset);
    out.putShort(60, (short) headers.size());
    out.putShort(62, (short) (headers.size() - 1));
    return out.array();
  }

  private Section section(int type) {
    for (Section section : sections) {
      if (section.type == type) {
        return section;
      }
    }
    throw new FormatException("no section of type " + type);
  }

  private String text(long offset) {
    int begin = Math.toIntExact(offset);
    int end = begin;
    while (file.get(end) != 0) {
      end++;
    }
    return new String(file.array(), begin, end - begin, StandardCharsets.US_ASCII);
  }
}
