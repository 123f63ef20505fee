package com.linkedin.venice.rust.release;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The names that a Mach-O library exports, as the dynamic loader reads them: a prefix tree whose
 * nodes hold the bytes of a name's entry, after {@code <mach-o/loader.h>}, "export information".
 */
final class ExportTrie {
  private ExportTrie() {}

  /** Names, and the bytes of each entry (flags, address), which stand in the tree as they are. */
  static TreeMap<String, byte[]> read(byte[] trie) {
    TreeMap<String, byte[]> entries = new TreeMap<>();
    if (trie.length > 0) {
      read(trie, 0, "", entries);
    }
    return entries;
  }

  private static void read(byte[] trie, int node, String name, Map<String, byte[]> entries) {
    int[] at = {node};
    int terminal = (int) uleb(trie, at);
    if (terminal > 0) {
      byte[] entry = new byte[terminal];
      System.arraycopy(trie, at[0], entry, 0, terminal);
      entries.put(name, entry);
      at[0] += terminal;
    }
    int children = Byte.toUnsignedInt(trie[at[0]++]);
    for (int child = 0; child < children; child++) {
      int begin = at[0];
      while (trie[at[0]] != 0) {
        at[0]++;
      }
      String edge = new String(trie, begin, at[0] - begin, StandardCharsets.UTF_8);
      at[0]++;
      read(trie, (int) uleb(trie, at), name + edge, entries);
    }
  }

  /** A tree of these entries, in as many bytes as it takes, a multiple of 8. */
  static byte[] write(SortedMap<String, byte[]> entries) {
    List<Node> nodes = new ArrayList<>();
    Node root = new Node();
    build(root, 0, new ArrayList<>(entries.entrySet()), nodes);
    // Offsets are numbers of variable length, so a node's place depends on its children's: repeat
    // until nothing moves. Sizes only grow, so it ends.
    boolean moved = true;
    while (moved) {
      moved = false;
      int offset = 0;
      for (Node node : nodes) {
        moved |= node.offset != offset;
        node.offset = offset;
        offset += node.bytes().length;
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    nodes.forEach(node -> out.writeBytes(node.bytes()));
    while (out.size() % 8 != 0) {
      out.write(0);
    }
    return out.toByteArray();
  }

  private static final class Node {
    byte[] entry;
    final List<String> edges = new ArrayList<>();
    final List<Node> children = new ArrayList<>();
    int offset;

    byte[] bytes() {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      if (entry == null) {
        out.write(0);
      } else {
        uleb(entry.length, out);
        out.writeBytes(entry);
      }
      out.write(children.size());
      for (int child = 0; child < children.size(); child++) {
        out.writeBytes(edges.get(child).getBytes(StandardCharsets.UTF_8));
        out.write(0);
        uleb(children.get(child).offset, out);
      }
      return out.toByteArray();
    }
  }

  /** Fills a node with the entries whose names agree in the first {@code depth} characters. */
  private static void build(
      Node node, int depth, List<Map.Entry<String, byte[]>> entries, List<Node> nodes) {
    nodes.add(node);
    int begin = 0;
    if (!entries.isEmpty() && entries.get(0).getKey().length() == depth) {
      node.entry = entries.get(0).getValue();
      begin = 1;
    }
    while (begin < entries.size()) {
      String first = entries.get(begin).getKey();
      int end = begin + 1;
      while (end < entries.size()
          && entries.get(end).getKey().charAt(depth) == first.charAt(depth)) {
        end++;
      }
      String last = entries.get(end - 1).getKey();
      int common = depth + 1;
      while (common < first.length()
          && common < last.length()
          && first.charAt(common) == last.charAt(common)) {
        common++;
      }
      Node child = new Node();
      node.edges.add(first.substring(depth, common));
      node.children.add(child);
      build(child, common, entries.subList(begin, end), nodes);
      begin = end;
    }
  }

  static long uleb(byte[] bytes, int[] at) {
    long value = 0;
    int shift = 0;
    int next;
    do {
      next = bytes[at[0]++];
      value |= (long) (next & 0x7f) << shift;
      shift += 7;
    } while ((next & 0x80) != 0);
    return value;
  }

  private static void uleb(long value, ByteArrayOutputStream out) {
    long rest = value;
    while (rest >= 0x80) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
