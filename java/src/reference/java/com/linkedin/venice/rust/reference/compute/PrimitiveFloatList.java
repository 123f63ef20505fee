package com.linkedin.venice.rust.reference.compute;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/** Floats that are not boxed; what Venice's Avro library makes of an array of floats. */
final class PrimitiveFloatList extends AbstractList<Float> implements RandomAccess {
  private float[] elements;
  private int size;

  PrimitiveFloatList(int capacity) {
    elements = new float[capacity];
  }

  /** Returns an unboxed copy. */
  static List<Float> copyOf(List<Float> list) {
    PrimitiveFloatList copy = new PrimitiveFloatList(list.size());
    copy.size = list.size();
    for (int i = 0; i < copy.size; i++) {
      copy.elements[i] = list.get(i);
    }
    return copy;
  }

  /** Forgets the elements and keeps their memory. */
  void empty() {
    size = 0;
  }

  /** Makes room for so many more elements, and returns where they go. */
  float[] extend(int count) {
    size += count;
    if (size > elements.length) {
      elements = Arrays.copyOf(elements, Math.max(size, 2 * elements.length));
    }
    return elements;
  }

  /** Returns the elements; there may be more behind {@link #size}. */
  float[] elements() {
    return elements;
  }

  @Override
  public Float get(int index) {
    if (index >= size) {
      throw new IndexOutOfBoundsException("index " + index + " of a list of " + size);
    }
    return elements[index];
  }

  @Override
  public int size() {
    return size;
  }
}
