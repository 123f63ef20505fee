package com.linkedin.venice.rust.reference.compute;

import com.linkedin.venice.exceptions.VeniceException;
import java.util.List;

/** One operation of a compute request; the Avro record of this name. */
public final class ComputeOperation {
  /** What is computed; the ordinals are the numbers on the wire, of the type and of the union. */
  public enum Type {
    /** A float. */
    DOT_PRODUCT("DotProduct", "dot-product"),
    /** A float. */
    COSINE_SIMILARITY("CosineSimilarity", "cosine similarity"),
    /** A list of floats. */
    HADAMARD_PRODUCT("HadamardProduct", "hadamard product"),
    /** An int. */
    COUNT("Count", "count");

    private static final Type[] TYPES = values();

    private final String record;
    private final String text;

    Type(String record, String text) {
      this.record = record;
      this.text = text;
    }

    /** Returns how texts call it. */
    String text() {
      return text;
    }
  }

  private final int operationType;
  private final Type operation;
  private final String field;
  private final List<Float> parameter;
  private final String resultFieldName;
  private Float squaredNorm;

  /** Creates an operation whose type and record agree. */
  public ComputeOperation(Type type, String field, List<Float> parameter, String resultFieldName) {
    this(type.ordinal(), type, field, parameter, resultFieldName);
  }

  /**
   * Creates an operation as it may come from a client.
   *
   * @param operationType the number of the type, which decides what is done
   * @param operation the record behind it
   * @param parameter empty for a count, which has none
   */
  public ComputeOperation(
      int operationType,
      Type operation,
      String field,
      List<Float> parameter,
      String resultFieldName) {
    this.operationType = operationType;
    this.operation = operation;
    this.field = field;
    this.parameter = PrimitiveFloatList.copyOf(parameter);
    this.resultFieldName = resultFieldName;
  }

  /**
   * Returns what is computed.
   *
   * @throws VeniceException if there is no such type
   * @throws ClassCastException if the record behind the type is another one
   */
  public Type type() {
    if (operationType < 0 || operationType >= Type.TYPES.length) {
      throw new VeniceException("Invalid enum value for ComputeOperationType: " + operationType);
    }
    Type type = Type.TYPES[operationType];
    if (type != operation) {
      throw new ClassCastException(
          "class com.linkedin.venice.compute.protocol.request."
              + operation.record
              + " cannot be cast to class com.linkedin.venice.compute.protocol.request."
              + type.record);
    }
    return type;
  }

  /** Returns the number of the type as it came. */
  public int operationType() {
    return operationType;
  }

  /** Returns the record behind the number. */
  public Type operation() {
    return operation;
  }

  /** Returns the value's field. */
  public String field() {
    return field;
  }

  /** Returns the client's vector. */
  public List<Float> parameter() {
    return parameter;
  }

  /** Returns the result's field. */
  public String resultFieldName() {
    return resultFieldName;
  }

  /** Returns the parameter's squares, added as a dot product is; computed once for a request. */
  float squaredNorm() {
    if (squaredNorm == null) {
      squaredNorm = ComputeUtils.dotProduct(parameter, parameter);
    }
    return squaredNorm;
  }
}
