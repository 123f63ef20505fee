package com.linkedin.venice.rust.bench.rocksjava;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One benchmark with its parameters.
 *
 * @param benchmark class and method
 * @param parameters JMH's, as {@code name=value}
 */
record BenchCase(String benchmark, List<String> parameters) {
  private static final List<String> SINGLE =
      List.of(
          "ReadBenchmark.getHit",
          "ReadBenchmark.getMiss",
          "ReadBenchmark.getIntoHit",
          "ReadBenchmark.getIntoMiss",
          "ReadBenchmark.getOfFamilyHit",
          "ReadBenchmark.getOfFamilyMiss",
          "IteratorBenchmark.iterate",
          "IteratorBenchmark.scan",
          "IteratorBenchmark.scanDirect",
          "IteratorBenchmark.openAndClose",
          "IteratorBenchmark.openManyAndClose",
          "WriteBenchmark.put",
          "WriteBenchmark.writeBatch",
          "WriteBenchmark.sstFileWriter");

  private static final List<String> BATCHED =
      List.of("MultiGetBenchmark.multiGetAsList", "MultiGetBenchmark.multiGetByteBuffers");

  private static final List<Integer> BATCHES = List.of(10, 100, 1000);

  /** All cases of the tables and value sizes whose name the filter finds. */
  static List<BenchCase> all(List<String> tables, List<Integer> valueBytes, Pattern filter) {
    List<BenchCase> cases = new ArrayList<>();
    for (String table : tables) {
      for (int bytes : valueBytes) {
        List<String> database = List.of("table=" + table, "valueBytes=" + bytes);
        SINGLE.forEach(name -> cases.add(new BenchCase(name, database)));
        for (String name : BATCHED) {
          for (int batch : BATCHES) {
            cases.add(
                new BenchCase(name, List.of(database.get(0), database.get(1), "batch=" + batch)));
          }
        }
      }
    }
    return cases.stream().filter(one -> filter.matcher(one.name()).find()).toList();
  }

  /** As reports show it: {@code getHit BLOCK_BASED 1024}. */
  String name() {
    StringBuilder name = new StringBuilder(benchmark.substring(benchmark.indexOf('.') + 1));
    parameters.forEach(p -> name.append(' ').append(p.substring(p.indexOf('=') + 1)));
    return name.toString();
  }

  /** The arguments of JMH that choose it. */
  List<String> jmhArguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add("^" + Pattern.quote(BenchCase.class.getPackageName() + "." + benchmark) + "$");
    for (String parameter : parameters) {
      arguments.add("-p");
      arguments.add(parameter);
    }
    return arguments;
  }
}
