package com.linkedin.venice.rust.release;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The programs by which dyld fills in pointers ({@code rebase} and {@code bind} opcodes of {@code
 * mach-o/loader.h}), read as lists of places.
 */
final class Fixups {
  /** A place to be filled in: segment's number, offset in it. */
  record Place(int segment, long offset) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int bySegment = Integer.compare(segment, other.segment);
      return bySegment != 0 ? bySegment : Long.compare(offset, other.offset);
    }
  }

  private static final int POINTER_BYTES = 8;

  private final byte[] program;
  private int at;
  private int segment;
  private long offset;

  private Fixups(byte[] program) {
    this.program = program;
  }

  /** The places that get the address of something in the same library. */
  static Set<Place> rebased(byte[] program) {
    return new Fixups(program).readRebases();
  }

  /** The places that get the address of a symbol that dyld looks up by name, with its name. */
  static Map<Place, String> bound(byte[] program) {
    return new Fixups(program).readBinds();
  }

  private Set<Place> readRebases() {
    Set<Place> places = new TreeSet<>();
    while (at < program.length) {
      int opcode = program[at] & 0xf0;
      int immediate = program[at] & 0x0f;
      at++;
      long times = 0;
      long skip = 0;
      switch (opcode) {
        case 0x00 -> at = program.length; // DONE; padding follows
        case 0x10 -> {} // SET_TYPE_IMM
        case 0x20 -> setPlace(immediate); // SET_SEGMENT_AND_OFFSET_ULEB
        case 0x30 -> offset += uleb(); // ADD_ADDR_ULEB
        case 0x40 -> offset += (long) immediate * POINTER_BYTES; // ADD_ADDR_IMM_SCALED
        case 0x50 -> times = immediate; // DO_REBASE_IMM_TIMES
        case 0x60 -> times = uleb(); // DO_REBASE_ULEB_TIMES
        case 0x70 -> { // DO_REBASE_ADD_ADDR_ULEB
          times = 1;
          skip = uleb();
        }
        case 0x80 -> { // DO_REBASE_ULEB_TIMES_SKIPPING_ULEB
          times = uleb();
          skip = uleb();
        }
        default -> throw unknown("rebase", opcode);
      }
      for (long time = 0; time < times; time++) {
        places.add(new Place(segment, offset));
        offset += POINTER_BYTES + skip;
      }
    }
    return places;
  }

  private Map<Place, String> readBinds() {
    Map<Place, String> places = new TreeMap<>();
    String symbol = "";
    while (at < program.length) {
      int opcode = program[at] & 0xf0;
      int immediate = program[at] & 0x0f;
      at++;
      long times = 0;
      long skip = 0;
      switch (opcode) {
        case 0x00, 0x10, 0x30, 0x50 -> {} // DONE of one symbol, ordinals, SET_TYPE_IMM
        case 0x20, 0x60 -> uleb(); // SET_DYLIB_ORDINAL_ULEB, SET_ADDEND_SLEB
        case 0x40 -> symbol = text(); // SET_SYMBOL_TRAILING_FLAGS_IMM
        case 0x70 -> setPlace(immediate); // SET_SEGMENT_AND_OFFSET_ULEB
        case 0x80 -> offset += uleb(); // ADD_ADDR_ULEB
        case 0x90 -> times = 1; // DO_BIND
        case 0xa0 -> { // DO_BIND_ADD_ADDR_ULEB
          times = 1;
          skip = uleb();
        }
        case 0xb0 -> { // DO_BIND_ADD_ADDR_IMM_SCALED
          times = 1;
          skip = (long) immediate * POINTER_BYTES;
        }
        case 0xc0 -> { // DO_BIND_ULEB_TIMES_SKIPPING_ULEB
          times = uleb();
          skip = uleb();
        }
        default -> throw unknown("bind", opcode);
      }
      for (long time = 0; time < times; time++) {
        places.put(new Place(segment, offset), symbol);
        offset += POINTER_BYTES + skip;
      }
    }
    return places;
  }

  private void setPlace(int newSegment) {
    segment = newSegment;
    offset = uleb();
  }

  /** A number of variable length; of 64 bits, so that going back is adding a large one. */
  private long uleb() {
    int[] next = {at};
    long value = ExportTrie.uleb(program, next);
    at = next[0];
    return value;
  }

  private String text() {
    int begin = at;
    while (program[at] != 0) {
      at++;
    }
    return new String(Arrays.copyOfRange(program, begin, at++), StandardCharsets.UTF_8);
  }

  private static FormatException unknown(String program, int opcode) {
    return new FormatException("unknown " + program + " opcode 0x" + Integer.toHexString(opcode));
  }
}
