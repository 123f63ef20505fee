package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.BlockingReadService;
import com.linkedin.venice.rust.testing.ReadRequests;
import io.grpc.Grpc;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A JVM ends while threads wait for questions about access, and while one is in the controller. */
public class JvmExitWithControllerTest {
  @ClassRule public static final TemporaryFolder KEYS = new TemporaryFolder();
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private static Path serverKeys;
  private static Path authority;
  private static Path clientKeys;

  @BeforeClass
  public static void makeKeys() throws Exception {
    KeyAuthority keys = new KeyAuthority(KEYS.getRoot().toPath());
    serverKeys = keys.server("server", "PKCS12");
    authority = keys.authority();
    clientKeys = keys.pem(keys.client("client", "PKCS12"));
  }

  @Test
  public void endOfMain() throws Exception {
    assertEquals("exit code", 0, run("return"));
  }

  @Test
  public void exitWithACode() throws Exception {
    assertEquals("exit code", 7, run("exit"));
  }

  private int run(String way) throws Exception {
    File log = temporary.newFile();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-Xcheck:jni",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                serverKeys.toString(),
                authority.toString(),
                clientKeys.toString(),
                way)
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    int exitCode = process.waitFor();
    String output = Files.readString(log.toPath());
    assertTrue(output, output.contains("asked by venice-access-"));
    return exitCode;
  }

  /** What the other JVM runs. */
  public static final class Program {
    private Program() {}

    /** Takes key files and {@code return} or {@code exit}; closes nothing of the server's. */
    public static void main(String[] args) throws Exception {
      File authority = new File(args[1]);
      File client = new File(args[2]);
      CountDownLatch asked = new CountDownLatch(1);
      RustReadServer server =
          RustReadServer.start(
              ReadServerConfig.builder()
                  .bindAddress("127.0.0.1")
                  .tlsKeyStore(Path.of(args[0]), KeyAuthority.PASSWORD)
                  .tlsTrustStore(authority.toPath(), null)
                  .build(),
              (certificate, store, method) -> {
                System.out.println("asked by " + Thread.currentThread().getName());
                asked.countDown();
                // Never comes.
                new CountDownLatch(1).await();
                throw new AssertionError("unreachable");
              });
      BlockingReadService stub =
          new BlockingReadService(
              Grpc.newChannelBuilder(
                      "127.0.0.1:" + server.port(),
                      TlsChannelCredentials.newBuilder()
                          .trustManager(authority)
                          .keyManager(client, client)
                          .build())
                  .build());
      Thread reader =
          new Thread(() -> stub.get(ReadRequests.singleGet("store_v1", 0, new byte[] {1})));
      reader.setDaemon(true);
      reader.start();
      asked.await();
      if (args[3].equals("exit")) {
        System.exit(7);
      }
    }
  }
}
