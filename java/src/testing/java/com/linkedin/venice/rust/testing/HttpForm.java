package com.linkedin.venice.rust.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Venice's HTTP form of reads: what Fast Clients send that do not speak gRPC. HTTP/1.1, connections
 * are kept. Thread-safe.
 */
public final class HttpForm {
  /** Needed with every body. */
  public static final String API_VERSION = "X-VENICE-API-VERSION";

  /** Its presence asks for records of missing keys. */
  public static final String STREAMING = "X-VENICE-STREAMING";

  /** What values are read as, for compute. */
  public static final String COMPUTE_VALUE_SCHEMA_ID = "X-VENICE-COMPUTE-VALUE-SCHEMA-ID";

  private static final List<String> HEADERS =
      List.of(
          "content-type",
          "content-length",
          "x-venice-compression-strategy",
          "x-venice-schema-id",
          "x-venice-rcu",
          "x-venice-streaming-response");

  private static final Duration HANG_GUARD = Duration.ofSeconds(120);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String address;

  /**
   * What came back.
   *
   * @param headers the ones that Venice sets, in lower case
   */
  public record Reply(int status, Map<String, String> headers, byte[] body) {
    /** Returns a header, or an empty text. */
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }

    /** Returns the body as text. */
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Reply reply
          && reply.status == status
          && reply.headers.equals(headers)
          && Arrays.equals(reply.body, body);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(body);
    }

    @Override
    public String toString() {
      return status
          + " "
          + headers
          + (header("content-type").startsWith("text") ? " " + text() : "");
    }
  }

  /** Creates a client of {@code host:port}. */
  public HttpForm(String address) {
    this.address = address;
  }

  /** Gets a path, with headers by name and value in turn. */
  public Reply get(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).GET();
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  /** Posts a body, with headers by name and value in turn. */
  public Reply post(String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofByteArray(body));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  private URI uri(String path) {
    return URI.create("http://" + address + path);
  }

  /**
   * Sends a request, and once more if the connection was closed meanwhile: Venice closes those that
   * had an unexpected failure, and does not say so before.
   */
  private Reply send(HttpRequest.Builder builder) {
    HttpRequest request = builder.timeout(HANG_GUARD).build();
    try {
      HttpResponse<byte[]> response;
      try {
        response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      } catch (IOException closed) {
        response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      }
      Map<String, String> headers = new TreeMap<>();
      for (String name : HEADERS) {
        Optional<String> value = response.headers().firstValue(name);
        value.ifPresent(text -> headers.put(name, text));
      }
      return new Reply(response.statusCode(), headers, response.body());
    } catch (IOException e) {
      throw new VeniceClientException("no answer by HTTP: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VeniceClientException("interrupted while waiting for an answer", e);
    }
  }
}
