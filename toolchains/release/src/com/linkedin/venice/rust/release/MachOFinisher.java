package com.linkedin.venice.rust.release;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Makes a Mach-O library ready to ship, in one pass over its last segment, {@code __LINKEDIT}:
 *
 * <ul>
 *   <li>only the wanted names are exported; zig's linker knows no list of exports;
 *   <li>nothing inside is looked up by name in other libraries first, as C++ wants it of functions
 *       that many libraries define; such a name must be exported to be found;
 *   <li>the symbol table holds just those and what others must define;
 *   <li>an ad-hoc signature over the result, on x86-64 as on arm64.
 * </ul>
 */
final class MachOFinisher {
  private static final int INDIRECT_SYMBOL_LOCAL = 0x80000000;
  private static final int INDIRECT_SYMBOL_ABS = 0x40000000;
  private static final int PAGE = 0x4000;
  private static final int SECTION_BYTES = 80;

  private final MachO library;
  private final Predicate<String> exported;
  private final ByteBuffer head;
  private final ByteArrayOutputStream linkEdit = new ByteArrayOutputStream();
  private final int linkEditOffset;

  private MachOFinisher(MachO library, Predicate<String> exported) {
    this.library = library;
    this.exported = exported;
    linkEditOffset = Math.toIntExact(library.file.getLong(library.segment("__LINKEDIT").at() + 40));
    head = ByteBuffer.wrap(library.slice(0, linkEditOffset)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Finishes a library.
   *
   * @param exported tells which names (without C's leading underscore) others may see
   * @param identifier the name in the signature
   */
  static byte[] finish(MachO library, Predicate<String> exported, String identifier) {
    return new MachOFinisher(library, exported).finish(identifier);
  }

  private byte[] finish(String identifier) {
    // In the order in which Apple's linker writes them, each part moved to where the last one
    // ended.
    MachO.Command info = library.command(MachO.LC_DYLD_INFO_ONLY);
    place(info.at() + 8, part(info.at() + 8)); // rebase
    place(info.at() + 16, part(info.at() + 16)); // bind
    dropWeakBinds(info);
    place(info.at() + 32, part(info.at() + 32)); // lazy bind
    TreeMap<String, byte[]> exports = library.exportTrie();
    exports.keySet().removeIf(name -> !isExported(name));
    place(info.at() + 40, ExportTrie.write(exports));
    for (MachO.Command command : library.commands) {
      if (command.type() == MachO.LC_FUNCTION_STARTS || command.type() == MachO.LC_DATA_IN_CODE) {
        place(command.at() + 8, part(command.at() + 8));
      }
    }
    placeSymbols();
    sign(identifier);

    byte[] result = new byte[head.capacity() + linkEdit.size()];
    System.arraycopy(head.array(), 0, result, 0, head.capacity());
    System.arraycopy(linkEdit.toByteArray(), 0, result, head.capacity(), linkEdit.size());
    int codeBytes = head.getInt(signatureCommand() + 8);
    CodeSignature.write(
        result, codeBytes, identifier, head.getLong(library.segment("__TEXT").at() + 48));
    return result;
  }

  /**
   * Leaves out the look-up by name of what is defined here, as a linker does with hidden symbols:
   * the pointers hold the right address already, once dyld has moved them with the library.
   */
  private void dropWeakBinds(MachO.Command info) {
    Set<Fixups.Place> rebased = Fixups.rebased(part(info.at() + 8));
    Fixups.bound(part(info.at() + 24))
        .forEach(
            (place, symbol) -> {
              if (!rebased.contains(place)) {
                throw new FormatException(
                    symbol + " is looked up in other libraries, and not defined in this one");
              }
            });
    place(info.at() + 24, new byte[0]);
    head.putInt(24, head.getInt(24) & ~(MachO.MH_WEAK_DEFINES | MachO.MH_BINDS_TO_WEAK));
  }

  /** What an offset and a size in a load command point at. */
  private byte[] part(int fields) {
    int size = library.file.getInt(fields + 4);
    return size == 0 ? new byte[0] : library.slice(library.file.getInt(fields), size);
  }

  /** Appends a part, and writes its new offset and size into the load command. */
  private void place(int fields, byte[] part) {
    align(8);
    head.putInt(fields, part.length == 0 ? 0 : linkEditOffset + linkEdit.size());
    head.putInt(fields + 4, part.length);
    linkEdit.writeBytes(part);
  }

  private void align(int bytes) {
    while ((linkEditOffset + linkEdit.size()) % bytes != 0) {
      linkEdit.write(0);
    }
  }

  private boolean isExported(String name) {
    return name.startsWith("_") && exported.test(name.substring(1));
  }

  /**
   * The symbol table: first what is exported, then what is wanted; and the table that indexes it.
   */
  private void placeSymbols() {
    MachO.Command symtab = library.command(MachO.LC_SYMTAB);
    MachO.Command dysymtab = library.command(MachO.LC_DYSYMTAB);
    int symbols = library.file.getInt(symtab.at() + 8);
    int strings = library.file.getInt(symtab.at() + 16);
    List<Integer> defined = new ArrayList<>();
    List<Integer> wanted = new ArrayList<>();
    for (int index = 0; index < library.file.getInt(symtab.at() + 12); index++) {
      int at = symbols + index * MachO.NLIST_BYTES;
      int type = Byte.toUnsignedInt(library.file.get(at + 4));
      if ((type & MachO.N_STAB) != 0 || (type & MachO.N_EXT) == 0) {
        continue;
      }
      if ((type & MachO.N_TYPE) == 0) {
        wanted.add(index);
      } else if (isExported(library.text(strings + library.file.getInt(at)))) {
        defined.add(index);
      }
    }

    Map<Integer, Integer> renumbered = new HashMap<>();
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    names.write(' ');
    names.write(0);
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    for (List<Integer> some : List.of(defined, wanted)) {
      for (int index : some) {
        int at = symbols + index * MachO.NLIST_BYTES;
        ByteBuffer symbol =
            ByteBuffer.wrap(library.slice(at, MachO.NLIST_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        String name = library.text(strings + symbol.getInt(0));
        symbol.putInt(0, names.size());
        names.writeBytes(name.getBytes(StandardCharsets.UTF_8));
        names.write(0);
        renumbered.put(index, renumbered.size());
        table.writeBytes(symbol.array());
      }
    }
    align(8);
    head.putInt(symtab.at() + 8, linkEditOffset + linkEdit.size());
    head.putInt(symtab.at() + 12, renumbered.size());
    linkEdit.writeBytes(table.toByteArray());

    int[] ranges = {0, 0, 0, defined.size(), defined.size(), wanted.size()};
    for (int field = 0; field < ranges.length; field++) {
      head.putInt(dysymtab.at() + 8 + field * 4, ranges[field]);
    }
    int indirect = library.file.getInt(dysymtab.at() + 56);
    int indirectCount = library.file.getInt(dysymtab.at() + 60);
    ByteBuffer indirects = ByteBuffer.allocate(indirectCount * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int index = 0; index < indirectCount; index++) {
      int symbol = library.file.getInt(indirect + index * 4);
      boolean isLocal = (symbol & (INDIRECT_SYMBOL_LOCAL | INDIRECT_SYMBOL_ABS)) != 0;
      indirects.putInt(isLocal ? symbol : renumbered.getOrDefault(symbol, INDIRECT_SYMBOL_LOCAL));
    }
    head.putInt(dysymtab.at() + 56, linkEditOffset + linkEdit.size());
    linkEdit.writeBytes(indirects.array());

    head.putInt(symtab.at() + 16, linkEditOffset + linkEdit.size());
    head.putInt(symtab.at() + 20, names.size());
    linkEdit.writeBytes(names.toByteArray());
  }

  /** Makes room for the signature, and for its load command if there is none. */
  private void sign(String identifier) {
    align(16);
    int command = signatureCommand();
    int codeBytes = linkEditOffset + linkEdit.size();
    int size = CodeSignature.size(codeBytes, identifier);
    head.putInt(command, MachO.LC_CODE_SIGNATURE).putInt(command + 4, 16);
    head.putInt(command + 8, codeBytes).putInt(command + 12, size);
    int commandsEnd = MachO.HEADER_BYTES + library.file.getInt(20);
    if (command == commandsEnd) {
      head.putInt(16, library.file.getInt(16) + 1);
      head.putInt(20, library.file.getInt(20) + 16);
    }
    linkEdit.writeBytes(new byte[size]);
    int segment = library.segment("__LINKEDIT").at();
    head.putLong(segment + 32, ((long) linkEdit.size() + PAGE - 1) / PAGE * PAGE);
    head.putLong(segment + 48, linkEdit.size());
  }

  /** Where the load command of the signature stands, or goes: behind the last one. */
  private int signatureCommand() {
    for (MachO.Command command : library.commands) {
      if (command.type() == MachO.LC_CODE_SIGNATURE) {
        return command.at();
      }
    }
    int end = MachO.HEADER_BYTES + library.file.getInt(20);
    int firstSection = Integer.MAX_VALUE;
    for (MachO.Command command : library.commands) {
      if (command.type() == MachO.LC_SEGMENT_64) {
        for (int section = 0; section < library.file.getInt(command.at() + 64); section++) {
          int offset = library.file.getInt(command.at() + 72 + section * SECTION_BYTES + 48);
          firstSection = offset == 0 ? firstSection : Math.min(firstSection, offset);
        }
      }
    }
    if (end + 16 > firstSection) {
      throw new FormatException(
          "no room for the signature's load command: "
              + (firstSection - end)
              + " bytes before the first section, 16 are needed; link with a larger -headerpad");
    }
    return end;
  }
}
