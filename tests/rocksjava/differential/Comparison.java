package com.linkedin.venice.rust.tests.differential;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Runs sequences in two programs, and makes those short that differ. */
final class Comparison {
  private final RunningProgram stock;
  private final RunningProgram ours;

  Comparison(RunningProgram stock, RunningProgram ours) {
    this.stock = stock;
    this.ours = ours;
  }

  /** The answers of both to one sequence. */
  private record Answers(List<String> stock, List<String> ours) {
    boolean agree() {
      return stock.equals(ours);
    }
  }

  private Answers ask(long seed, Set<Integer> left) throws IOException, InterruptedException {
    stock.request(seed, left);
    ours.request(seed, left);
    return new Answers(stock.answer(), ours.answer());
  }

  /** Returns null if both agree, else what differs after as few steps as were found. */
  String difference(long seed) throws IOException, InterruptedException {
    Answers first = ask(seed, Set.of());
    if (first.agree()) {
      return null;
    }
    Sequence sequence = new Sequence(seed);
    Set<Integer> left = shrink(seed, sequence.length());
    Answers answers = ask(seed, left);
    if (answers.agree()) {
      return "seed " + seed + " differed, but not each time" + describe(sequence, Set.of(), first);
    }
    return "seed " + seed + " differs" + describe(sequence, left, answers);
  }

  /** Leaves out ever smaller runs of steps, as long as the rest differs. */
  private Set<Integer> shrink(long seed, int length) throws IOException, InterruptedException {
    Set<Integer> left = new TreeSet<>();
    for (int size = length / 2; size > 0; size /= 2) {
      for (int from = 0; from < length; from += size) {
        Set<Integer> more = new TreeSet<>(left);
        for (int step = from; step < Math.min(from + size, length); step++) {
          more.add(step);
        }
        if (more.size() > left.size() && !ask(seed, more).agree()) {
          left = more;
        }
      }
    }
    return left;
  }

  /** The first line of the answers is about the resources, the last about the files. */
  private static String describe(Sequence sequence, Set<Integer> left, Answers answers) {
    StringBuilder text = new StringBuilder();
    int lines = Math.max(answers.stock.size(), answers.ours.size());
    for (int i = 0; i < lines; i++) {
      String stock = i < answers.stock.size() ? answers.stock.get(i) : "(nothing)";
      String ours = i < answers.ours.size() ? answers.ours.get(i) : "(nothing)";
      boolean isStep = i > 0 && i <= sequence.length();
      if (isStep && left.contains(i - 1)) {
        continue;
      }
      text.append("\n  ")
          .append(i == 0 ? "resources" : isStep ? sequence.text(i - 1) : "files at the end");
      if (stock.equals(ours)) {
        text.append("\n        ").append(shortened(stock));
      } else {
        text.append("\n  stock ").append(stock).append("\n  ours  ").append(ours);
      }
    }
    return text.toString();
  }

  private static String shortened(String line) {
    return line.length() <= 300 ? line : line.substring(0, 300) + "...";
  }
}
