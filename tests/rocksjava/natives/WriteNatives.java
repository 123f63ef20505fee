package com.linkedin.venice.rust.tests;

import java.io.File;
import java.nio.file.Path;
import java.util.List;

/** Writes {@code natives.csv} from the class files of the rocksdbjni jar. */
public final class WriteNatives {
  private WriteNatives() {}

  /** Takes the jar, the files with the symbols of our natives and of those under leases, and where. */
  public static void main(String[] args) throws Exception {
    String workspace = System.getenv("BUILD_WORKSPACE_DIRECTORY");
    if (args.length != 4 || workspace == null) {
      System.err.println("usage: " + NativesList.COMMAND);
      System.exit(2);
    }
    List<NativesList.Entry> entries =
        NativesList.of(
            NativeMethod.ofJar(new File(args[0])),
            NativesList.symbols(Path.of(args[1])),
            NativesList.symbols(Path.of(args[2])));
    Path file = Path.of(workspace, args[3]);
    NativesList.write(file, entries);
    System.out.println(entries.size() + " natives in " + file);
    for (NativesList.Owner owner : NativesList.Owner.values()) {
      long count = entries.stream().filter(entry -> entry.owner() == owner).count();
      System.out.println(count + " " + owner.name().toLowerCase());
    }
  }
}
