package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.PhaseListener;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerDrain;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.ReadServerPhase;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.AdminSocket;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What operators and Java have a running server do: change, drain, and take that back. */
public class AdminTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** A socket's path is short, and the folder of a test need not be. */
  @Rule public final TemporaryFolder temporary = new TemporaryFolder(new File("/tmp"));

  private RustReadServer start() {
    return RustReadServer.start(
        ReadServerConfig.builder()
            .bindAddress("127.0.0.1")
            .workerThreads(1)
            .adminSocket(socket())
            .build());
  }

  private Path socket() {
    return temporary.getRoot().toPath().resolve("admin");
  }

  @Test
  public void theSocketIsThereAsLongAsTheServerAndForItsUserAlone() throws Exception {
    try (RustReadServer server = start()) {
      assertEquals(socket().toString(), server.adminSocket());
      PosixFileAttributes file =
          Files.readAttributes(socket(), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      assertEquals("rw-------", PosixFilePermissions.toString(file.permissions()));
      assertEquals(Files.getOwner(temporary.getRoot().toPath()), file.owner());
      String status = request("GET", "/status", "");
      assertTrue(status, status.contains("\"port\":" + server.port() + ","));
      assertTrue(status, status.contains("\"version\":\"" + RustReadServer.version() + "\""));
      ReadServerException taken = assertThrows(ReadServerException.class, this::start);
      assertTrue(taken.getMessage(), taken.getMessage().contains("is in use by another server"));
    }
    assertFalse(Files.exists(socket(), LinkOption.NOFOLLOW_LINKS));
    try (RustReadServer without =
        RustReadServer.start(ReadServerConfig.builder().bindAddress("127.0.0.1").build())) {
      assertNull(without.adminSocket());
    }
  }

  @Test
  public void settingsChangeFromBothSides() throws Exception {
    try (RustReadServer server = start()) {
      assertEquals("10000", server.setting("drain.ms"));
      server.change("drain.ms", "250");
      assertEquals("250", server.setting("drain.ms"));
      String settings = request("GET", "/config", "");
      assertTrue(settings, settings.contains("\"changed_since_start\":true"));
      request("POST", "/config", "{\"setting\": \"max.connections\", \"value\": 77}");
      assertEquals("77", server.setting("max.connections"));
      assertNull(server.setting("tls.key.store"));
      assertRefused(
          "setting port cannot be changed while the server runs: what listens there is opened with"
              + " the server, and clients know it by its address. Set it to \"1\" where the server is"
              + " started, then drain the server and start it anew",
          () -> server.change("port", "1"));
      assertRefused(
          "setting drain.ms is \"soon\"; give a whole number from 0 to 86400000, in milliseconds, or"
              + " one with the unit us, ms, s, m or h",
          () -> server.change("drain.ms", "soon"));
      assertThrows(ReadServerException.class, () -> server.change("prot", "1"));
      assertThrows(ReadServerException.class, () -> server.setting("prot"));
      assertThrows(NullPointerException.class, () -> server.change("port", null));
    }
  }

  private static void assertRefused(String expected, Runnable change) {
    ReadServerException refused = assertThrows(ReadServerException.class, change::run);
    assertEquals(expected, refused.getMessage());
  }

  @Test
  public void aDrainOfIdleClientsCutsNothing() {
    RustReadServer server = start();
    assertEquals(ReadServerPhase.SERVING, server.phase());
    ReadServerDrain report = server.drain(LONG);
    assertTrue(report.toString(), report.idle() && report.answered());
    assertFalse("nobody announces it", report.announced());
    assertTrue(report.toString(), report.toString().startsWith("idle, 0 calls cut, "));
    assertEquals(ReadServerPhase.ENDED, server.phase());
    // It can still be asked what it counted.
    assertFalse(server.metrics().isEmpty());
    assertThrows(ReadServerException.class, () -> server.drain(LONG));
    assertTrue("what the drain said", server.stop(LONG));
    assertEquals(0, server.callsCut());
    assertEquals(ReadServerPhase.ENDED, server.phase());
  }

  @Test
  public void aCallThatDoesNotEndIsCutAndCounted() throws Exception {
    RustReadServer server = start();
    ManagedChannel channel =
        Grpc.newChannelBuilder("127.0.0.1:" + server.port(), InsecureChannelCredentials.create())
            .build();
    try {
      CompletableFuture<Status> ended = beginCall(channel);
      await(() -> server.callsInFlight() == 1);
      ReadServerDrain report = server.drain(Duration.ofMillis(700));
      assertEquals(report.toString(), 1, report.callsCut());
      assertFalse(report.answered());
      assertTrue("it asked for nothing more", report.idle());
      assertTrue(report.toString(), report.toString().contains("1 calls cut"));
      Status status = ended.get(1, TimeUnit.MINUTES);
      assertEquals(status.toString(), Status.Code.UNAVAILABLE, status.getCode());
      assertFalse(server.stop(LONG));
      assertEquals(1, server.callsCut());
    } finally {
      channel.shutdownNow();
      server.close();
    }
  }

  /** Begins a call whose request never comes. */
  private static CompletableFuture<Status> beginCall(ManagedChannel channel) {
    MethodDescriptor.Marshaller<byte[]> bytes =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
          }

          @Override
          public byte[] parse(InputStream stream) {
            return new byte[0];
          }
        };
    // A unary method's headers would wait for its message.
    MethodDescriptor<byte[], byte[]> method =
        MethodDescriptor.newBuilder(bytes, bytes)
            .setType(MethodDescriptor.MethodType.CLIENT_STREAMING)
            .setFullMethodName("com.linkedin.venice.protocols.VeniceReadService/get")
            .build();
    CompletableFuture<Status> ended = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(status);
          }
        },
        new Metadata());
    call.request(1);
    return ended;
  }

  /** Notes what it is told, and answers when the test says so. */
  private static final class Notes implements PhaseListener {
    final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    final BlockingQueue<Boolean> answers = new LinkedBlockingQueue<>();

    @Override
    public boolean leaving() {
      told.add("leaving");
      try {
        return answers.take();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void serving() {
      told.add("serving");
      throw new IllegalStateException("which ends nothing");
    }

    @Override
    public void ended() {
      told.add("ended");
    }

    String next() throws InterruptedException {
      return told.poll(1, TimeUnit.MINUTES);
    }
  }

  @Test
  public void whoFollowsIsToldWhateverAnOperatorDoes() throws Exception {
    try (RustReadServer server = start()) {
      Notes notes = new Notes();
      server.followPhases(notes);
      String leave = "{\"end\": false, \"quiet_ms\": 0, \"bound_ms\": 120000}";
      for (int round = 0; round < 2; round++) {
        CompletableFuture<String> answer = later("/drain", leave);
        assertEquals("leaving", notes.next());
        assertEquals(ReadServerPhase.LEAVING, server.phase());
        notes.answers.add(true);
        String report = answer.get(1, TimeUnit.MINUTES);
        assertTrue(report, report.contains("\"marked_down\":true"));
        if (round == 0) {
          request("POST", "/undrain", "");
        } else {
          server.undrain();
        }
        assertEquals("serving", notes.next());
      }
      assertThrows(ReadServerException.class, server::undrain);
      CompletableFuture<String> answer = later("/drain", "{\"quiet_ms\": 0, \"bound_ms\": 120000}");
      assertEquals("leaving", notes.next());
      notes.answers.add(false);
      String report = answer.get(1, TimeUnit.MINUTES);
      assertTrue(report, report.contains("\"marked_down\":false"));
      assertTrue(report, report.contains("\"calls_cut\":0"));
      assertEquals("ended", notes.next());
    }
  }

  private CompletableFuture<String> later(String path, String body) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return request("POST", path, body);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** Asks at the socket; the body of the answer, which is 200. */
  private String request(String method, String path, String body) throws Exception {
    return AdminSocket.ask(socket(), method, path, body);
  }

  private static void await(BooleanSupplier state) throws InterruptedException {
    long end = System.nanoTime() + LONG.toNanos();
    while (!state.getAsBoolean()) {
      assertTrue("the state does not come", System.nanoTime() < end);
      Thread.sleep(1);
    }
  }
}
