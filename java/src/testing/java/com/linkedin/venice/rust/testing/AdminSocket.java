package com.linkedin.venice.rust.testing;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Asks a read server at its admin socket (docs/admin.md). */
public final class AdminSocket {
  private AdminSocket() {}

  /** The body of the answer, whose status is 200; another one is an {@link AssertionError}. */
  public static String ask(Path socket, String method, String path, String body)
      throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      String head =
          String.join(
              "\r\n",
              method + " " + path + " HTTP/1.1",
              "Host: localhost",
              "Content-Type: application/json",
              "Content-Length: " + body.length(),
              "\r\n");
      channel.write(ByteBuffer.wrap((head + body).getBytes(StandardCharsets.UTF_8)));
      byte[] answer = Channels.newInputStream(channel).readAllBytes();
      String text = new String(answer, StandardCharsets.UTF_8);
      if (!text.startsWith("HTTP/1.1 200 ")) {
        throw new AssertionError(text);
      }
      return text.substring(text.indexOf("\r\n\r\n") + 4);
    }
  }
}
