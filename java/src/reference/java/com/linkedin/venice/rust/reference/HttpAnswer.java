package com.linkedin.venice.rust.reference;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** An answer with Venice's headers; {@code OutboundHttpWrapperHandler} makes it there. */
record HttpAnswer(
    HttpResponseStatus status,
    String contentType,
    ByteBuf body,
    int schemaId,
    CompressionStrategy compressionStrategy,
    int rcu,
    boolean isStreamingResponse) {
  private static final String AVRO_BINARY = "avro/binary";
  private static final int NO_SCHEMA_ID = -1;

  /** Returns the answer of a read: found, or not. */
  static HttpAnswer of(ReadResponse response) {
    return new HttpAnswer(
        response.isFound() ? HttpResponseStatus.OK : HttpResponseStatus.NOT_FOUND,
        AVRO_BINARY,
        response.isFound()
            ? Unpooled.wrappedBuffer(response.data().asReadOnlyByteBuffer())
            : Unpooled.EMPTY_BUFFER,
        response.isFound() ? response.schemaId() : NO_SCHEMA_ID,
        response.compressionStrategy(),
        response.rcu(),
        response.isStreamingResponse());
  }

  /** Returns a record of Venice's own protocols. */
  static HttpAnswer record(byte[] body, int schemaId) {
    return plain(HttpResponseStatus.OK, AVRO_BINARY, Unpooled.wrappedBuffer(body), schemaId);
  }

  /** Returns JSON, which Venice sends as if it were Avro. */
  static HttpAnswer json(byte[] body) {
    return record(body, NO_SCHEMA_ID);
  }

  /** Returns bytes as they are; null is 404. */
  static HttpAnswer binary(byte[] body) {
    return plain(
        body == null ? HttpResponseStatus.NOT_FOUND : HttpResponseStatus.OK,
        "application/octet-stream",
        body == null ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body),
        NO_SCHEMA_ID);
  }

  /** Returns a text; null is an empty one. */
  static HttpAnswer text(HttpResponseStatus status, String text) {
    return plain(
        status,
        "text/plain",
        text == null
            ? Unpooled.EMPTY_BUFFER
            : Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)),
        NO_SCHEMA_ID);
  }

  private static HttpAnswer plain(
      HttpResponseStatus status, String contentType, ByteBuf body, int schemaId) {
    return new HttpAnswer(status, contentType, body, schemaId, CompressionStrategy.NO_OP, 1, false);
  }

  FullHttpResponse toResponse() {
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, contentType)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
        .set("X-VENICE-COMPRESSION-STRATEGY", compressionStrategy.getValue())
        .set("X-VENICE-SCHEMA-ID", schemaId)
        .set("X-VENICE-RCU", rcu);
    if (isStreamingResponse) {
      response.headers().set("X-VENICE-STREAMING-RESPONSE", "1");
    }
    return response;
  }
}
