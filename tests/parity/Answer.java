package com.linkedin.venice.rust.tests;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.linkedin.venice.protocols.VeniceServerResponse;
import io.grpc.Status;

/**
 * What a call ended with. Two answers are equal if not one byte differs; the text beside a status
 * other than OK is not looked at (UNKNOWN_TEXT in docs/differences.md).
 *
 * @param status the gRPC status
 * @param message the answer as it came, null unless the status is OK
 */
record Answer(Status.Code status, ByteString message) {
  /** Returns an answer without a message. */
  static Answer of(Status.Code status) {
    return new Answer(status, null);
  }

  /** Returns an answer with a message, as protobuf-java encodes it. */
  static Answer of(VeniceServerResponse response) {
    return new Answer(Status.Code.OK, response.toByteString());
  }

  /** Returns the answer of a failure inside the server: a class and its text. */
  static Answer internalError(String text) {
    return of(
        VeniceServerResponse.newBuilder()
            .setErrorCode(500)
            .setErrorMessage("Internal Error: " + text)
            .build());
  }

  /** Returns the error code, or 0 for an answer without a message. */
  int errorCode() {
    return message == null ? 0 : response().getErrorCode();
  }

  private VeniceServerResponse response() {
    try {
      return VeniceServerResponse.parseFrom(message);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("the answer is no VeniceServerResponse: " + message, e);
    }
  }

  @Override
  public String toString() {
    if (message == null) {
      return status.toString();
    }
    VeniceServerResponse response = response();
    return String.format(
        "%s, %d bytes: errorCode %d \"%s\", schemaId %d, %d bytes of data, strategy %d, RCU %d%s",
        status,
        message.size(),
        response.getErrorCode(),
        response.getErrorMessage(),
        response.getSchemaId(),
        response.getData().size(),
        response.getCompressionStrategy(),
        response.getResponseRCU(),
        response.getIsStreamingResponse() ? ", streaming" : "");
  }
}
