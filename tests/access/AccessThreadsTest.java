package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadAccessDecision;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.BlockingReadService;
import com.linkedin.venice.rust.testing.ReadRequests;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.TreeSet;
import org.junit.Test;

/** The threads that ask the access controller come with the server and go with it. */
public class AccessThreadsTest {
  private static final ReadServerConfig CONFIG =
      ReadServerConfig.builder().bindAddress("127.0.0.1").accessThreads(3).build();

  @Test
  public void threadsLiveAsLongAsTheServer() {
    for (int i = 0; i < 20; i++) {
      try (RustReadServer server =
          RustReadServer.start(
              CONFIG, (certificate, store, method) -> ReadAccessDecision.GRANTED)) {
        assertEquals(
            List.of("venice-access-0", "venice-access-1", "venice-access-2"), accessThreads());
        assertTrue(server.port() > 0);
      }
      assertEquals(List.of(), accessThreads());
    }
  }

  @Test
  public void withoutAControllerThereAreNone() {
    try (RustReadServer server = RustReadServer.start(CONFIG)) {
      assertEquals(List.of(), accessThreads());
      assertTrue(server.port() > 0);
    }
    assertThrows(NullPointerException.class, () -> RustReadServer.start(CONFIG, null));
  }

  @Test
  public void withoutTlsNobodyMayReadAndNoHeaderHelps() {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("SERVER_ACL_APPROVED_ATTRIBUTE_KEY", Metadata.ASCII_STRING_MARSHALLER),
        "true");
    try (RustReadServer server =
        RustReadServer.start(
            CONFIG,
            (certificate, store, method) -> {
              throw new AssertionError("asked without a certificate");
            })) {
      ManagedChannel channel =
          Grpc.newChannelBuilder("127.0.0.1:" + server.port(), InsecureChannelCredentials.create())
              .build();
      Channel approved =
          ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
      BlockingReadService stub = new BlockingReadService(approved);
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> stub.get(ReadRequests.singleGet("store_v1", 0, new byte[] {1})));
      assertEquals(Status.Code.PERMISSION_DENIED, refused.getStatus().getCode());
      assertEquals("SSL Required", refused.getStatus().getDescription());
      channel.shutdownNow();
    }
  }

  private static List<String> accessThreads() {
    TreeSet<String> names = new TreeSet<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("venice-access-")) {
        assertTrue(thread.isDaemon());
        names.add(thread.getName());
      }
    }
    return List.copyOf(names);
  }
}
