package com.linkedin.venice.rust.tests.avro;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A program in Rust that answers on its output what comes on its input, case by case. */
public final class RustProgram implements AutoCloseable {
  private final Process process;
  private final DataOutputStream input;
  private final DataInputStream output;

  public RustProgram(String path) throws IOException {
    process =
        new ProcessBuilder(path).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    input = new DataOutputStream(process.getOutputStream());
    output = new DataInputStream(new BufferedInputStream(process.getInputStream()));
  }

  /** A case in the making. */
  public static final class Case {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    public Case text(String text) throws IOException {
      return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    public Case bytes(byte[] text) throws IOException {
      out.writeInt(text.length);
      out.write(text);
      return this;
    }

    public Case texts(List<String> texts) throws IOException {
      out.writeInt(texts.size());
      for (String text : texts) {
        text(text);
      }
      return this;
    }

    public Case all(List<byte[]> texts) throws IOException {
      out.writeInt(texts.size());
      for (byte[] text : texts) {
        bytes(text);
      }
      return this;
    }

    public Case number(int number) throws IOException {
      out.writeInt(number);
      return this;
    }
  }

  public void send(Case sent) throws IOException {
    input.write(sent.bytes.toByteArray());
    input.flush();
  }

  /** Whether what follows is an answer, and not why there is none. */
  public boolean isAnswer() throws IOException {
    return output.readByte() == 1;
  }

  public byte[] bytes() throws IOException {
    byte[] bytes = new byte[output.readInt()];
    output.readFully(bytes);
    return bytes;
  }

  public int number() throws IOException {
    return output.readInt();
  }

  public String text() throws IOException {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  /** Ends the program, which has to have had no reason to end badly. */
  @Override
  public void close() throws IOException {
    input.close();
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException("the program in Rust ended with " + code);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
