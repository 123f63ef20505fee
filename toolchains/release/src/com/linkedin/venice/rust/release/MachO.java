package com.linkedin.venice.rust.release;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A shared library of macOS: Mach-O, 64 bits, as {@code <mach-o/loader.h>} and {@code
 * <mach-o/nlist.h>} lay it out.
 */
public final class MachO {
  /** {@code cputype} of x86-64. */
  public static final int CPU_X86_64 = 0x01000007;

  /** {@code cputype} of arm64. */
  public static final int CPU_ARM64 = 0x0100000c;

  /** Flag of the header: it exports definitions that stand back behind others. */
  static final int MH_WEAK_DEFINES = 0x8000;

  /** Flag of the header: it uses such definitions. */
  static final int MH_BINDS_TO_WEAK = 0x10000;

  static final int LC_SYMTAB = 0x2;
  static final int LC_DYSYMTAB = 0xb;
  static final int LC_LOAD_DYLIB = 0xc;
  static final int LC_ID_DYLIB = 0xd;
  static final int LC_SEGMENT_64 = 0x19;
  static final int LC_CODE_SIGNATURE = 0x1d;
  static final int LC_FUNCTION_STARTS = 0x26;
  static final int LC_DATA_IN_CODE = 0x29;
  static final int LC_BUILD_VERSION = 0x32;
  static final int LC_DYLD_INFO_ONLY = 0x80000022;
  static final int HEADER_BYTES = 32;

  /** Bytes of one {@code nlist_64}. */
  static final int NLIST_BYTES = 16;

  /** {@code N_TYPE} bits of {@code n_type}; 0 is undefined. */
  static final int N_TYPE = 0x0e;

  /** {@code n_type} bit of a symbol that others see. */
  static final int N_EXT = 0x01;

  /** {@code n_type} bits of debuggers' symbols. */
  static final int N_STAB = 0xe0;

  final ByteBuffer file;
  final List<Command> commands = new ArrayList<>();

  private MachO(byte[] bytes) {
    file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = HEADER_BYTES;
    for (int index = 0; index < file.getInt(16); index++) {
      Command command = new Command(file.getInt(at), at, file.getInt(at + 4));
      commands.add(command);
      at += command.bytes;
    }
  }

  /** One load command: its type, where it begins, its size in bytes. */
  record Command(int type, int at, int bytes) {}

  /** Whether {@code bytes} begin as a 64-bit, little-endian Mach-O file does. */
  public static boolean is(byte[] bytes) {
    return bytes.length > HEADER_BYTES
        && ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt() == 0xfeedfacf;
  }

  /**
   * Reads a library.
   *
   * @throws FormatException if it is not Mach-O of 64 bits, or not a shared library
   */
  public static MachO read(byte[] bytes) {
    return read(bytes, 6, "a shared library");
  }

  /**
   * Reads a program.
   *
   * @throws FormatException if it is not Mach-O of 64 bits, or not a program
   */
  public static MachO readProgram(byte[] bytes) {
    return read(bytes, 2, "a program");
  }

  private static MachO read(byte[] bytes, int type, String what) {
    if (!is(bytes)) {
      throw new FormatException("not a 64-bit Mach-O file");
    }
    MachO read = new MachO(bytes);
    if (read.file.getInt(12) != type) {
      throw new FormatException(
          "Mach-O type " + read.file.getInt(12) + ", expected " + type + ", " + what);
    }
    return read;
  }

  /** {@code cputype}: {@link #CPU_X86_64}, {@link #CPU_ARM64} or another number. */
  public int cpu() {
    return file.getInt(4);
  }

  /** The oldest macOS that it loads on, such as {@code 11.0}. */
  public String minimumSystem() {
    int version = file.getInt(command(LC_BUILD_VERSION).at + 12);
    return (version >>> 16) + "." + (version >>> 8 & 0xff);
  }

  /** The name that others would know it by ({@code LC_ID_DYLIB}). */
  public String installName() {
    return dylibName(command(LC_ID_DYLIB));
  }

  /** The libraries that it needs ({@code LC_LOAD_DYLIB}). */
  public List<String> needed() {
    List<String> names = new ArrayList<>();
    for (Command command : commands) {
      if (command.type == LC_LOAD_DYLIB) {
        names.add(dylibName(command));
      }
    }
    return names;
  }

  private String dylibName(Command command) {
    return text(command.at + file.getInt(command.at + 8));
  }

  /** What the dynamic loader finds in it: the names of the export trie. */
  public TreeSet<String> exported() {
    return new TreeSet<>(exportTrie().keySet());
  }

  /** The export trie: names, and for each the bytes that dyld gets for it. */
  TreeMap<String, byte[]> exportTrie() {
    Command info = command(LC_DYLD_INFO_ONLY);
    return ExportTrie.read(slice(file.getInt(info.at + 40), file.getInt(info.at + 44)));
  }

  /**
   * The symbols that dyld looks for in all libraries of the process, and takes from the first that
   * exports it.
   */
  public Set<String> coalesced() {
    Command info = command(LC_DYLD_INFO_ONLY);
    return Set.copyOf(
        Fixups.bound(slice(file.getInt(info.at + 24), file.getInt(info.at + 28))).values());
  }

  /** Names in the symbol table that are defined here and marked as seen by others. */
  public TreeSet<String> definedGlobals() {
    return symbols(true);
  }

  /** Names in the symbol table that others must define. */
  public TreeSet<String> undefined() {
    return symbols(false);
  }

  private TreeSet<String> symbols(boolean defined) {
    TreeSet<String> names = new TreeSet<>();
    Command symtab = command(LC_SYMTAB);
    int strings = file.getInt(symtab.at + 16);
    for (int index = 0; index < file.getInt(symtab.at + 12); index++) {
      int at = file.getInt(symtab.at + 8) + index * NLIST_BYTES;
      int type = Byte.toUnsignedInt(file.get(at + 4));
      if ((type & N_STAB) == 0 && (type & N_EXT) != 0 && ((type & N_TYPE) != 0) == defined) {
        names.add(text(strings + file.getInt(at)));
      }
    }
    return names;
  }

  /** The code signature; empty if there is none. */
  public Optional<CodeSignature> signature() {
    return find(LC_CODE_SIGNATURE)
        .map(
            command ->
                CodeSignature.read(
                    file.array(), file.getInt(command.at + 8), file.getInt(command.at + 12)));
  }

  /** The first load command of a type. */
  Command command(int type) {
    return find(type)
        .orElseThrow(() -> new FormatException("no load command 0x" + Integer.toHexString(type)));
  }

  private Optional<Command> find(int type) {
    return commands.stream().filter(command -> command.type == type).findFirst();
  }

  /** The segment of a name, such as {@code __LINKEDIT}. */
  Command segment(String name) {
    for (Command command : commands) {
      if (command.type == LC_SEGMENT_64 && text(command.at + 8).equals(name)) {
        return command;
      }
    }
    throw new FormatException("no segment " + name);
  }

  byte[] slice(int offset, int size) {
    byte[] bytes = new byte[size];
    file.get(offset, bytes);
    return bytes;
  }

  /** The text at an offset of the file, up to a zero; names of segments end after 16 bytes. */
  String text(int begin) {
    int end = begin;
    while (file.get(end) != 0) {
      end++;
    }
    return new String(file.array(), begin, end - begin, StandardCharsets.UTF_8);
  }
}
