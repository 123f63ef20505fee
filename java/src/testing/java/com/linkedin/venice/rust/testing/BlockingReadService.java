package com.linkedin.venice.rust.testing;

import com.linkedin.venice.protocols.CountByValueRequest;
import com.linkedin.venice.protocols.CountByValueResponse;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;

/**
 * Calls {@code VeniceReadService} and waits for the answer, whatever it is; for requests that a
 * Fast Client would not send.
 */
public final class BlockingReadService {
  private final Channel channel;

  /** Calls over {@code channel}, which the caller closes. */
  public BlockingReadService(Channel channel) {
    this.channel = channel;
  }

  /**
   * Calls {@code get}.
   *
   * @throws StatusRuntimeException if the call ends with a status other than OK
   */
  public VeniceServerResponse get(VeniceClientRequest request) {
    return call(ReadServiceMethods.GET, request);
  }

  /**
   * Calls {@code batchGet}.
   *
   * @throws StatusRuntimeException if the call ends with a status other than OK
   */
  public VeniceServerResponse batchGet(VeniceClientRequest request) {
    return call(ReadServiceMethods.BATCH_GET, request);
  }

  /**
   * Calls {@code countByValue}.
   *
   * @throws StatusRuntimeException if the call ends with a status other than OK
   */
  public CountByValueResponse countByValue(CountByValueRequest request) {
    return call(ReadServiceMethods.COUNT_BY_VALUE, request);
  }

  private <Q, A> A call(MethodDescriptor<Q, A> method, Q request) {
    return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request);
  }
}
