package com.linkedin.venice.rust.reference;

import com.linkedin.venice.exceptions.OperationNotAllowedException;
import com.linkedin.venice.exceptions.VeniceException;
import com.linkedin.venice.exceptions.VeniceNoStoreException;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import java.net.URI;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Answers Venice's HTTP requests: {@code RouterRequestHttpHandler}, which parses them, {@code
 * ReadQuotaEnforcementHandler}, {@code StorageReadRequestHandler}, and {@code
 * ErrorCatchingHandler}, which closes the connection.
 *
 * <p>Access control, early termination, load control and the actions that are not a client's
 * (admin, ingestion, heartbeats, profiler) are not here.
 */
@ChannelHandler.Sharable
final class HttpRequestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final String API_VERSION = "X-VENICE-API-VERSION";
  private static final String COMPUTE_VALUE_SCHEMA_ID = "X-VENICE-COMPUTE-VALUE-SCHEMA-ID";
  private static final String STREAMING = "X-VENICE-STREAMING";
  private static final int MULTI_GET_V1 = 1;
  private static final int LATEST_COMPUTE_REQUEST = 3;

  /** {@code QueryAction}, whose names are in a text. */
  private enum QueryAction {
    STORAGE,
    HEALTH,
    COMPUTE,
    DICTIONARY,
    ADMIN,
    METADATA,
    STORE_PROPERTIES,
    CURRENT_VERSION,
    TOPIC_PARTITION_INGESTION_CONTEXT,
    HOST_HEARTBEAT_LAG,
    KEY_PARTITION_PROFILER
  }

  private final StorageReadRequestHandler storage;
  private final ComputeRequestHandler compute;
  private final ReadMetadataRepository metadata;
  private final StoreRepository stores;
  private final StorageEngineRepository engines;
  private final ReadQuotaEnforcementHandler readQuota;

  /** {@code readQuota} is null to enforce none. */
  HttpRequestHandler(
      StorageReadRequestHandler storage,
      ComputeRequestHandler compute,
      ReadMetadataRepository metadata,
      StoreRepository stores,
      StorageEngineRepository engines,
      ReadQuotaEnforcementHandler readQuota) {
    this.storage = storage;
    this.compute = compute;
    this.metadata = metadata;
    this.stores = stores;
    this.engines = engines;
    this.readQuota = readQuota;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    send(context, HttpAnswer.text(HttpResponseStatus.INTERNAL_SERVER_ERROR, cause.getMessage()));
    context.close();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    Supplier<CompletableFuture<HttpAnswer>> parsed;
    try {
      parsed = parse(request);
    } catch (VeniceException e) {
      send(context, HttpAnswer.text(HttpResponseStatus.BAD_REQUEST, e.getMessage()));
      return;
    }
    parsed
        .get()
        .whenComplete(
            (answer, failure) -> send(context, failure == null ? answer : failed(failure)));
  }

  private static void send(ChannelHandlerContext context, HttpAnswer answer) {
    context.writeAndFlush(answer.toResponse());
  }

  private Supplier<CompletableFuture<HttpAnswer>> parse(FullHttpRequest request) {
    URI uri = URI.create(request.uri());
    String[] parts = parts(uri);
    switch (action(request, parts)) {
      case STORAGE:
        return storage(request, parts);
      case COMPUTE:
        return compute(request, parts);
      case HEALTH:
        return answer(HttpAnswer.text(HttpResponseStatus.OK, "OK"));
      case DICTIONARY:
        if (parts.length != 4) {
          throw new VeniceException(
              "Not a valid request for a DICTIONARY action: " + uri.getPath());
        }
        String topic = VersionTopics.composeKafkaTopic(parts[2], Integer.parseInt(parts[3]));
        return () -> CompletableFuture.completedFuture(HttpAnswer.binary(dictionary(topic)));
      case METADATA:
        checkStoreOnly("METADATA", uri, parts);
        return () -> CompletableFuture.completedFuture(metadata(parts[2]));
      case STORE_PROPERTIES:
        if (parts.length != 3 && parts.length != 4) {
          throw new VeniceException(
              "not a valid request for a Store Properties action: " + uri.getPath());
        }
        Integer largestKnown = parts.length == 3 ? null : Integer.valueOf(parts[3]);
        return () ->
            CompletableFuture.completedFuture(
                answer(
                    metadata.getStoreProperties(parts[2], largestKnown),
                    body -> HttpAnswer.record(body, StorePropertiesPayload.VERSION)));
      case CURRENT_VERSION:
        // The text is that of another action in Venice, too.
        checkStoreOnly("METADATA", uri, parts);
        return () ->
            CompletableFuture.completedFuture(
                answer(metadata.getCurrentVersion(parts[2]), HttpAnswer::json));
      default:
        throw new VeniceException("Unrecognized query action");
    }
  }

  private static void checkStoreOnly(String action, URI uri, String[] parts) {
    if (parts.length != 3) {
      throw new VeniceException(
          "not a valid request for a " + action + " action: " + uri.getPath());
    }
  }

  private static String[] parts(URI uri) {
    String query = uri.getRawQuery();
    return (query == null ? uri.getRawPath() : uri.getRawPath() + "?" + query).split("/");
  }

  private static QueryAction action(FullHttpRequest request, String[] parts) {
    String actions =
        Arrays.stream(QueryAction.values())
            .map(action -> action.toString().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    String able = "Only able to parse GET or POST requests for actions: " + actions + ". ";
    HttpMethod method = request.method();
    if ((!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.POST)) || parts.length < 2) {
      throw new VeniceException(able + "Cannot parse request for: " + request.uri());
    }
    try {
      return QueryAction.valueOf(parts[1].toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new VeniceException(able + "Cannot support action: " + parts[1], e);
    }
  }

  private Supplier<CompletableFuture<HttpAnswer>> storage(FullHttpRequest request, String[] parts) {
    boolean streaming = request.headers().contains(STREAMING);
    if (request.method().equals(HttpMethod.GET)) {
      if (parts.length != 5) {
        throw new VeniceException("Not a valid request for a STORAGE action: " + request.uri());
      }
      int partition = Integer.parseInt(parts[3]);
      GetRouterRequest get =
          new GetRouterRequest(
              parts[2], partition, GetRouterRequest.getKeyBytesFromUrlKeyString(parts[4]));
      return read(
          get,
          () -> storage.handleSingleGetRequest(get).thenApply(r -> r.withStreaming(streaming)));
    }
    checkResource(request, parts);
    String version = apiVersion(request);
    if (Integer.parseInt(version) != MULTI_GET_V1) {
      throw new VeniceException(
          "Expected API version: " + MULTI_GET_V1 + ", but received: " + version);
    }
    MultiGetRouterRequestWrapper batch =
        new MultiGetRouterRequestWrapper(
            parts[2], MultiGetRouterRequestWrapper.parseKeys(content(request)), streaming);
    return read(batch, () -> storage.handleMultiGetRequest(batch));
  }

  private Supplier<CompletableFuture<HttpAnswer>> compute(FullHttpRequest request, String[] parts) {
    if (!request.method().equals(HttpMethod.POST)) {
      throw new VeniceException("Only support POST method for COMPUTE");
    }
    checkResource(request, parts);
    int version = Integer.parseInt(apiVersion(request));
    if (version <= 0 || version > LATEST_COMPUTE_REQUEST) {
      throw new VeniceException(
          "Compute API version "
              + version
              + " is invalid. Latest version is "
              + LATEST_COMPUTE_REQUEST);
    }
    String schemaId = request.headers().get(COMPUTE_VALUE_SCHEMA_ID);
    ComputeRouterRequestWrapper wanted =
        ComputeRouterRequestWrapper.parse(
            parts[2],
            content(request),
            schemaId == null ? Store.NO_SCHEMA : Integer.parseInt(schemaId),
            request.headers().contains(STREAMING));
    return read(wanted, () -> compute.handleComputeRequest(wanted));
  }

  private static void checkResource(FullHttpRequest request, String[] parts) {
    if (parts.length != 3) {
      throw new VeniceException("Invalid request: " + request.uri());
    }
  }

  private static String apiVersion(FullHttpRequest request) {
    String version = request.headers().get(API_VERSION);
    if (version == null) {
      throw new VeniceException("Header: " + API_VERSION + " is missing");
    }
    return version;
  }

  private static byte[] content(FullHttpRequest request) {
    byte[] content = new byte[request.content().readableBytes()];
    request.content().readBytes(content);
    return content;
  }

  /** Reads, if the quotas allow it; over HTTP a refused request ends here. */
  private Supplier<CompletableFuture<HttpAnswer>> read(
      RouterRequest request, Supplier<CompletableFuture<ReadResponse>> read) {
    return () -> {
      HttpAnswer refused = readQuota == null ? null : refused(request);
      return refused == null
          ? read.get().thenApply(HttpAnswer::of)
          : CompletableFuture.completedFuture(refused);
    };
  }

  private HttpAnswer refused(RouterRequest request) {
    return switch (readQuota.enforceQuota(request)) {
      case BAD_REQUEST ->
          HttpAnswer.text(
              HttpResponseStatus.BAD_REQUEST,
              "Invalid request resource: " + request.resourceName());
      case REJECTED -> HttpAnswer.text(HttpResponseStatus.TOO_MANY_REQUESTS, null);
      case OVER_CAPACITY ->
          HttpAnswer.text(HttpResponseStatus.SERVICE_UNAVAILABLE, "Server over capacity");
      default -> null;
    };
  }

  /** Returns what a failed read is answered with. */
  private HttpAnswer failed(Throwable thrown) {
    Throwable failure =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (failure instanceof VeniceNoStoreException noStore) {
      return HttpAnswer.text(
          statusOf(noStore.getStoreName()), "No storage exists for: " + noStore.getStoreName());
    }
    return HttpAnswer.text(
        failure instanceof OperationNotAllowedException
            ? HttpResponseStatus.METHOD_NOT_ALLOWED
            : HttpResponseStatus.INTERNAL_SERVER_ERROR,
        failure.getMessage());
  }

  /**
   * A version that is the current one may be read elsewhere, so the router should try again. Venice
   * never answers where the name has no number.
   */
  private HttpResponseStatus statusOf(String topic) {
    Store store = stores.getStore(VersionTopics.parseStoreFromKafkaTopicName(topic));
    boolean current =
        store != null
            && store.currentVersion() == VersionTopics.parseVersionFromKafkaTopicName(topic);
    return current ? HttpResponseStatus.SERVICE_UNAVAILABLE : HttpResponseStatus.BAD_REQUEST;
  }

  private byte[] dictionary(String topic) {
    StorageEngine engine = engines.getLocalStorageEngine(topic);
    if (engine == null) {
      return null;
    }
    try {
      return engine.getCompressionDictionary();
    } catch (VeniceException e) {
      return null;
    }
  }

  private HttpAnswer metadata(String storeName) {
    try {
      return answer(
          metadata.getMetadata(storeName),
          body -> HttpAnswer.record(body, ReadMetadataRepository.METADATA_RESPONSE_V4));
    } catch (UnsupportedOperationException e) {
      return HttpAnswer.text(HttpResponseStatus.FORBIDDEN, e.getMessage());
    }
  }

  private static HttpAnswer answer(
      ReadMetadataRepository.Answer answer, Function<byte[], HttpAnswer> body) {
    return answer.error() == null
        ? body.apply(answer.body())
        : HttpAnswer.text(HttpResponseStatus.INTERNAL_SERVER_ERROR, answer.error());
  }

  private static Supplier<CompletableFuture<HttpAnswer>> answer(HttpAnswer answer) {
    return () -> CompletableFuture.completedFuture(answer);
  }
}
