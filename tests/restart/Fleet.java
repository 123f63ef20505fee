package com.linkedin.venice.rust.tests;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.grpc.CallOptions;
import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A client in Java (grpc-java) for servers that come and go; see README.md beside this file.
 *
 * <p>usage: Fleet ADDRESSES CASES fleet|stream [REQUESTS]
 */
public final class Fleet {
  private static final long LATEST_SECONDS = 60;

  /** What to ask, and what to get. */
  private static final class Case {
    final String path;
    final byte[] request;
    final List<byte[]> answers;

    Case(String path, byte[] request, List<byte[]> answers) {
      this.path = path;
      this.request = request;
      this.answers = answers;
    }

    MethodDescriptor<byte[], byte[]> method(MethodType type) {
      return MethodDescriptor.<byte[], byte[]>newBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER)
          .setFullMethodName(path.substring(1))
          .setType(type)
          .build();
    }
  }

  /** Messages are bytes already. */
  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    MARSHALLER;

    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** All addresses of one target, {@code fleet:///HOST:PORT,HOST:PORT}. */
  private static final class Addresses extends NameResolverProvider {
    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 5;
    }

    @Override
    public String getDefaultScheme() {
      return "fleet";
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
      if (!"fleet".equals(target.getScheme())) {
        return null;
      }
      List<EquivalentAddressGroup> groups = new ArrayList<>();
      for (String address : target.getPath().substring(1).split(",")) {
        int colon = address.lastIndexOf(':');
        SocketAddress socket =
            new InetSocketAddress(
                address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
        groups.add(new EquivalentAddressGroup(socket));
      }
      return new NameResolver() {
        @Override
        public String getServiceAuthority() {
          return "servers";
        }

        @Override
        public void start(Listener2 listener) {
          listener.onResult(ResolutionResult.newBuilder().setAddresses(groups).build());
        }

        @Override
        public void shutdown() {}
      };
    }
  }

  /** What came on a call: messages, then the end or a failure. */
  private static final class Received implements StreamObserver<byte[]> {
    static final Object END = new Object();
    final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();

    @Override
    public void onNext(byte[] message) {
      queue.add(message);
    }

    @Override
    public void onError(Throwable failure) {
      queue.add(failure);
    }

    @Override
    public void onCompleted() {
      queue.add(END);
    }

    /** The next message; null at the end. */
    byte[] next() throws Exception {
      Object next = queue.poll(LATEST_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new IllegalStateException("nothing came for " + LATEST_SECONDS + " s");
      }
      if (next instanceof Exception) {
        throw (Exception) next;
      }
      return next == END ? null : (byte[]) next;
    }
  }

  private final ManagedChannel channel;
  private final Map<String, Case> cases;
  private final CallOptions options;
  private volatile boolean done;

  private Fleet(ManagedChannel channel, Map<String, Case> cases, boolean waitForReady) {
    this.channel = channel;
    this.cases = cases;
    this.options = waitForReady ? CallOptions.DEFAULT.withWaitForReady() : CallOptions.DEFAULT;
  }

  private static byte[] bytes(String hexadecimal) {
    byte[] bytes = new byte[hexadecimal.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(hexadecimal.substring(2 * i, 2 * i + 2), 16);
    }
    return bytes;
  }

  private static Map<String, Case> readCases(Path path) throws IOException {
    Map<String, Case> cases = new HashMap<>();
    for (String line : Files.readAllLines(path, US_ASCII)) {
      String[] words = line.split(" ");
      List<byte[]> answers = new ArrayList<>();
      for (String answer : Arrays.asList(words).subList(3, words.length)) {
        answers.add(bytes(answer));
      }
      cases.put(words[0], new Case(words[1], bytes(words[2]), answers));
    }
    return cases;
  }

  private void unary(String name) {
    Case asked = cases.get(name);
    CallOptions timed = options.withDeadlineAfter(LATEST_SECONDS, TimeUnit.SECONDS);
    MethodDescriptor<byte[], byte[]> method = asked.method(MethodType.UNARY);
    byte[] answer = ClientCalls.blockingUnaryCall(channel, method, timed, asked.request);
    if (!Arrays.equals(answer, asked.answers.get(0))) {
      throw new IllegalStateException("an answer of " + answer.length + " bytes");
    }
  }

  /** Asks as often on one call, no more at a time than atOnce; returns when all is answered. */
  private void stream(int total, int atOnce) throws Exception {
    Case asked = cases.get("stream");
    Received received = new Received();
    StreamObserver<byte[]> call =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(asked.method(MethodType.BIDI_STREAMING), options), received);
    int[] got = new int[asked.answers.size()];
    int sent = 0;
    int least = 0;
    while (least < total) {
      while (sent < total && sent - least < atOnce) {
        call.onNext(asked.request);
        sent++;
        if (sent == total) {
          call.onCompleted();
        }
      }
      byte[] answer = received.next();
      if (answer == null) {
        throw new IllegalStateException("the end after " + least + " of " + total + " answers");
      }
      int which = 0;
      while (which < got.length && !Arrays.equals(asked.answers.get(which), answer)) {
        which++;
      }
      if (which == got.length) {
        throw new IllegalStateException("an answer of " + answer.length + " bytes");
      }
      got[which]++;
      least = Arrays.stream(got).min().getAsInt();
    }
    if (received.next() != null) {
      throw new IllegalStateException("an answer too many");
    }
  }

  private boolean fleet() throws Exception {
    Map<String, Integer> counts = new TreeMap<>();
    List<String> failures = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    Map<String, Callable<Void>> work = new HashMap<>();
    for (String name : Arrays.asList("small", "large")) {
      work.put(
          name,
          () -> {
            unary(name);
            return null;
          });
    }
    work.put(
        "stream",
        () -> {
          stream(20, 20);
          return null;
        });
    for (String name : Arrays.asList("small", "small", "small", "large", "large", "stream", "stream")) {
      Thread thread =
          new Thread(
              () -> {
                while (!done) {
                  try {
                    work.get(name).call();
                    synchronized (counts) {
                      counts.merge(name, 1, Integer::sum);
                    }
                  } catch (Exception e) {
                    synchronized (counts) {
                      failures.add(name + ": " + e + (e.getCause() == null ? "" : ": " + e.getCause()));
                    }
                  }
                }
              });
      thread.start();
      threads.add(thread);
    }
    while (System.in.read() >= 0) {
      // Until the end of the input.
    }
    done = true;
    for (Thread thread : threads) {
      thread.join();
    }
    System.out.println("grpc-java: " + counts + ", " + failures.size() + " failed");
    for (String failure : failures.subList(0, Math.min(20, failures.size()))) {
      System.out.println("grpc-java: " + failure);
    }
    return failures.isEmpty() && counts.size() == 3;
  }

  /** Runs the client. */
  public static void main(String[] args) throws Exception {
    NameResolverRegistry.getDefaultRegistry().register(new Addresses());
    boolean several = args[0].contains(",");
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget("fleet:///" + args[0])
            .usePlaintext()
            .maxInboundMessageSize(8 << 20)
            .defaultLoadBalancingPolicy(several ? "round_robin" : "pick_first")
            .build();
    Fleet fleet = new Fleet(channel, readCases(Path.of(args[1])), !several);
    boolean good = true;
    if (args[2].equals("stream")) {
      int total = Integer.parseInt(args[3]);
      fleet.stream(total, 50);
      System.out.println("grpc-java: " + total + " requests answered on one call");
    } else {
      good = fleet.fleet();
    }
    channel.shutdownNow().awaitTermination(LATEST_SECONDS, TimeUnit.SECONDS);
    System.exit(good ? 0 : 1);
  }
}
