package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.ReadAccessController;
import com.linkedin.venice.rust.ReadAccessDecision;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.protocols.StreamingBatchGetResponse;
import com.linkedin.venice.rust.testing.BlockingReadService;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.testing.StreamingCall;
import com.linkedin.venice.rust.testing.VeniceClientHttpException;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * A {@link ReadAccessController} in Java, and clients with certificates: what {@code
 * ServerStoreAclHandler} of Venice's server does, and what a cache adds.
 */
public class StoreAccessTest {
  private static final long HANG_GUARD_SECONDS = 60;
  private static final StoreVersionConfig CONFIG = new StoreVersionConfig("guarded", 3, 2);

  @ClassRule public static final TemporaryFolder KEYS = new TemporaryFolder();
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private static Path serverKeys;
  private static Path authority;
  private static ChannelCredentials alice;
  private static ChannelCredentials bob;

  private final SampleRows rows = new SampleRows(100, 10, 50);
  private final Answers controller = new Answers();
  private ServedStore store;
  private final List<ManagedChannel> channels = new ArrayList<>();

  @BeforeClass
  public static void makeKeys() throws Exception {
    KeyAuthority keys = new KeyAuthority(KEYS.getRoot().toPath());
    serverKeys = keys.server("server", "PKCS12");
    authority = keys.authority();
    alice = keys.credentials(keys.client("alice", "PKCS12"));
    bob = keys.credentials(keys.client("bob", "PKCS12"));
  }

  @AfterClass
  public static void forgetKeys() {
    alice = null;
    bob = null;
  }

  @After
  public void stop() throws Exception {
    controller.release();
    channels.forEach(ManagedChannel::shutdownNow);
    if (store != null) {
      store.close();
    }
  }

  /** First answers come late on a machine that has much to do. */
  private static ReadServerConfig.Builder config() {
    return ReadServerConfig.builder()
        .bindAddress("127.0.0.1")
        .workerThreads(1)
        .accessWait(Duration.ofSeconds(HANG_GUARD_SECONDS))
        .tlsKeyStore(serverKeys, KeyAuthority.PASSWORD)
        .tlsTrustStore(authority, null);
  }

  private void start(ReadServerConfig config) throws Exception {
    store = ServedStore.start(config, controller);
    store.push(temporary.getRoot().toPath(), CONFIG, rows);
  }

  private ManagedChannel channel(ChannelCredentials credentials) {
    ManagedChannel channel = Grpc.newChannelBuilder(store.address(), credentials).build();
    channels.add(channel);
    return channel;
  }

  private BlockingReadService stub(ChannelCredentials credentials) {
    return new BlockingReadService(channel(credentials));
  }

  @Test
  public void eachClientIsAskedForOncePerStoreAndMethod() throws Exception {
    start(config().build());
    for (int connection = 0; connection < 3; connection++) {
      FastClient client = store.client(CONFIG, alice);
      for (int i = 0; i < 10; i++) {
        assertEquals(rows.value(i), client.get(rows.key(i)));
        assertEquals(rows.values(i, i + 50), client.batchGet(rows.keys(i, i + 50)));
      }
    }
    store.client(CONFIG, bob).get(rows.key(0));
    assertEquals(
        Map.of("CN=alice guarded GET", 1, "CN=alice guarded POST", 1, "CN=bob guarded GET", 1),
        controller.asked);
  }

  @Test
  public void everyAnswerHasItsText() throws Exception {
    start(config().build());
    String forbidden =
        "Access denied!\n"
            + "If you are the store owner, add this application (or your own username for Venice"
            + " shell client) to the store ACL.\n"
            + "Otherwise, ask the store owner for read permission.";
    String unauthorized =
        "ACL not found!\n"
            + "Either it has not been created, or can not be loaded.\n"
            + "Please create the ACL, or report the error if you know for sure that ACL exists for"
            + " the store";
    String error =
        "Internal error occurred while checking ACL.\n"
            + "Please report this error to the Venice team.";
    refused("forbidden_v1", Status.Code.PERMISSION_DENIED, forbidden);
    refused("unauthorized_v1", Status.Code.PERMISSION_DENIED, unauthorized);
    refused("error_v1", Status.Code.PERMISSION_DENIED, error);
    refused("throws_v1", Status.Code.INTERNAL, "no access for anybody");
    refused("silent_v1", Status.Code.INTERNAL, "java.lang.IllegalStateException");
    refused("fails_v1", Status.Code.INTERNAL, "an error, not an exception");
    refused("null_v1", Status.Code.INTERNAL, "the access controller answered null");
    refused("no version", Status.Code.INVALID_ARGUMENT, "Invalid request");
    StatusRuntimeException noMethod =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                stub(alice)
                    .get(
                        ReadRequests.singleGet("guarded_v3", 0, rows.key(0)).toBuilder()
                            .clearMethod()
                            .build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, noMethod.getStatus().getCode());
    // Errors have not cost a thread.
    assertEquals(rows.value(1), store.client(CONFIG, alice).get(rows.key(1)));
  }

  private void refused(String resource, Status.Code code, String text) {
    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class,
            () -> stub(alice).get(ReadRequests.singleGet(resource, 0, rows.key(0))));
    assertEquals(resource, code, refused.getStatus().getCode());
    assertEquals(text, refused.getStatus().getDescription());
  }

  @Test
  public void aFastClientSeesADenialAsItDoesFromJava() throws Exception {
    controller.results.put("guarded", ReadAccessDecision.FORBIDDEN);
    start(config().build());
    FastClient client = store.client(CONFIG, alice);
    for (int i = 0; i < 3; i++) {
      VeniceClientHttpException single =
          assertThrows(VeniceClientHttpException.class, () -> client.get(rows.key(0)));
      assertTrue(single.getMessage(), single.getMessage().contains("Access denied!"));
      assertThrows(VeniceClientHttpException.class, () -> client.batchGet(rows.keys(0, 10)));
    }
    assertEquals(2, controller.asked.size());
  }

  @Test
  public void aStreamedRequestIsRefusedInItsFooter() throws Exception {
    controller.results.put("other", ReadAccessDecision.FORBIDDEN);
    controller.results.put("unlisted", ReadAccessDecision.UNAUTHORIZED);
    start(config().build());
    try (StreamingCall call = new StreamingCall(channel(alice))) {
      for (Map.Entry<String, Integer> expected :
          Map.of("other_v1", 403, "unlisted_v1", 401, "guarded_v3", 200).entrySet()) {
        call.ask(StreamingCall.request(1, expected.getKey(), 2, rows.keys(0, 5)));
        List<StreamingBatchGetResponse> responses = new ArrayList<>();
        call.responses(1, responses::add);
        int last = responses.size() - 1;
        assertEquals((int) expected.getValue(), responses.get(last).getFooter().getErrorCode());
      }
    }
  }

  @Test
  public void aClientWithoutACertificateIsNobody() throws Exception {
    start(config().tlsClientAuth(ReadServerConfig.ClientAuth.OPTIONAL).build());
    ChannelCredentials nobody =
        TlsChannelCredentials.newBuilder().trustManager(authority.toFile()).build();
    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class,
            () -> stub(nobody).get(ReadRequests.singleGet("guarded_v3", 0, rows.key(0))));
    assertEquals(Status.Code.UNAUTHENTICATED, refused.getStatus().getCode());
    assertEquals("Invalid certificate", refused.getStatus().getDescription());
    assertEquals(Map.of(), controller.asked);
  }

  @Test
  public void firstRequestsAtTheSameTimeAskOnce() throws Exception {
    start(config().build());
    controller.hold("guarded");
    FastClient client = store.client(CONFIG, alice);
    List<CompletableFuture<StoredValue>> reads = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      reads.add(client.getAsync(rows.key(i)));
    }
    controller.awaitHeld();
    controller.release();
    for (int i = 0; i < 50; i++) {
      assertEquals(rows.value(i), reads.get(i).get(HANG_GUARD_SECONDS, TimeUnit.SECONDS));
    }
    assertEquals(Map.of("CN=alice guarded GET", 1), controller.asked);
  }

  @Test
  public void aControllerThatHangsDelaysNobodyWhoIsKnown() throws Exception {
    // Refreshed all the time, and every refresh hangs.
    start(config().accessRefresh(Duration.ofMillis(1)).build());
    FastClient client = store.client(CONFIG, alice);
    assertEquals(rows.value(0), client.get(rows.key(0)));
    controller.hold("guarded");
    controller.hold("slow");
    CompletableFuture<VeniceServerResponse> slow =
        CompletableFuture.supplyAsync(
            () -> stub(bob).get(ReadRequests.singleGet("slow_v1", 0, rows.key(0))));
    // Until one hangs the answer may come from a refresh that did not; afterwards it is the old
    // one.
    do {
      assertEquals(rows.value(1), client.get(rows.key(1)));
    } while (!controller.holds("guarded") || !controller.holds("slow"));
    for (int i = 0; i < 500; i++) {
      assertEquals(rows.value(i % 100), client.get(rows.key(i % 100)));
    }
    assertFalse(slow.isDone());
    controller.release();
    // Let in at last; there is no such store.
    assertEquals(500, slow.get(HANG_GUARD_SECONDS, TimeUnit.SECONDS).getErrorCode());
  }

  @Test
  public void aFailingControllerKeepsWhoIsKnown() throws Exception {
    start(config().accessRefresh(Duration.ofMillis(1)).build());
    FastClient client = store.client(CONFIG, alice);
    assertEquals(rows.value(0), client.get(rows.key(0)));
    controller.failing = true;
    int failures = controller.failures();
    while (controller.failures() < failures + 3) {
      assertEquals(rows.value(0), client.get(rows.key(0)));
    }
  }

  @Test
  public void aPermissionThatIsTakenAwayEnds() throws Exception {
    start(config().accessRefresh(Duration.ofMillis(1)).build());
    FastClient client = store.client(CONFIG, alice);
    assertEquals(rows.value(0), client.get(rows.key(0)));
    controller.results.put("guarded", ReadAccessDecision.FORBIDDEN);
    VeniceClientHttpException denied =
        assertThrows(
            VeniceClientHttpException.class,
            () -> {
              while (true) {
                client.get(rows.key(0));
              }
            });
    assertTrue(denied.getMessage(), denied.getMessage().contains("Access denied!"));
    controller.results.put("guarded", ReadAccessDecision.GRANTED);
    while (true) {
      try {
        assertEquals(rows.value(0), client.get(rows.key(0)));
        return;
      } catch (VeniceClientHttpException stillDenied) {
        assertTrue(stillDenied.getMessage().contains("Access denied!"));
      }
    }
  }

  @Test
  public void aFirstRequestWaitsOnlySoLong() throws Exception {
    start(config().accessWait(Duration.ofMillis(1)).build());
    controller.hold("guarded");
    StatusRuntimeException late =
        assertThrows(
            StatusRuntimeException.class,
            () -> stub(alice).get(ReadRequests.singleGet("guarded_v3", 0, rows.key(0))));
    assertEquals(Status.Code.UNAVAILABLE, late.getStatus().getCode());
    assertEquals(
        "the access controller did not answer within 1 ms (setting access.wait.ms)",
        late.getStatus().getDescription());
  }

  @Test
  public void aStopDoesNotWaitForAControllerThatHangs() throws Exception {
    start(config().accessWait(Duration.ofMillis(1)).build());
    controller.hold("guarded");
    assertThrows(
        StatusRuntimeException.class,
        () -> stub(alice).get(ReadRequests.singleGet("guarded_v3", 0, rows.key(0))));
    Thread inController = controller.awaitHeld();
    channels.forEach(ManagedChannel::shutdownNow);
    store.server().stop(Duration.ofSeconds(HANG_GUARD_SECONDS));
    assertTrue("the controller has not come back", inController.isAlive());
    controller.release();
    inController.join(TimeUnit.SECONDS.toMillis(HANG_GUARD_SECONDS));
    assertFalse("the thread ends with the question", inController.isAlive());
  }

  /** Answers by store, counts questions, and hangs or fails when it is told to. */
  private static final class Answers implements ReadAccessController {
    final Map<String, ReadAccessDecision> results = new ConcurrentHashMap<>();
    final Map<String, Integer> asked = new ConcurrentHashMap<>();
    volatile boolean failing;
    private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
    private final Map<String, Boolean> holding = new ConcurrentHashMap<>();
    private final BlockingQueue<Thread> held = new LinkedBlockingQueue<>();
    private final AtomicInteger failures = new AtomicInteger();

    @Override
    public ReadAccessDecision check(X509Certificate certificate, String store, String method)
        throws Exception {
      String who = certificate.getSubjectX500Principal().getName();
      asked.merge(who + " " + store + " " + method, 1, Integer::sum);
      CountDownLatch gate = gates.get(store);
      if (gate != null) {
        holding.put(store, true);
        held.add(Thread.currentThread());
        gate.await();
      }
      if (failing) {
        failures.incrementAndGet();
        throw new Exception("the backend is down");
      }
      switch (store) {
        case "forbidden":
          return ReadAccessDecision.FORBIDDEN;
        case "unauthorized":
          return ReadAccessDecision.UNAUTHORIZED;
        case "error":
          return ReadAccessDecision.ERROR_FORBIDDEN;
        case "throws":
          throw new Exception("no access for anybody");
        case "silent":
          throw new IllegalStateException();
        case "fails":
          throw new AssertionError("an error, not an exception");
        case "null":
          return null;
        default:
          return results.getOrDefault(store, ReadAccessDecision.GRANTED);
      }
    }

    /** Lets questions about a store hang until {@link #release}. */
    void hold(String store) {
      gates.put(store, new CountDownLatch(1));
    }

    boolean holds(String store) {
      return holding.containsKey(store);
    }

    /** Waits for a question that hangs, and returns its thread. */
    Thread awaitHeld() throws InterruptedException {
      Thread thread = held.poll(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
      assertTrue("a question hangs", thread != null);
      return thread;
    }

    void release() {
      gates.values().forEach(CountDownLatch::countDown);
      gates.clear();
    }

    int failures() {
      return failures.get();
    }
  }
}
