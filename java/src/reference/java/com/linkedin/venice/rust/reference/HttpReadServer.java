package com.linkedin.venice.rust.reference;

import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpObjectAggregator;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerCodec;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Venice's HTTP port, without TLS and with HTTP/1.1 alone; {@code ListenerService} there. */
final class HttpReadServer implements AutoCloseable {
  /** Venice's default of {@code server.max.request.size}. */
  private static final int MAX_REQUEST_BYTES = 256 << 10;

  private static final long CLOSE_SECONDS = 10;

  private final EventLoopGroup acceptor = new NioEventLoopGroup(1, daemons("HttpAcceptor"));
  private final EventLoopGroup workers;
  private final Channel channel;

  HttpReadServer(int threads, HttpRequestHandler handler) throws IOException {
    workers = new NioEventLoopGroup(threads, daemons("HttpWorker"));
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(acceptor, workers)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    connection
                        .pipeline()
                        .addLast(new HttpServerCodec())
                        .addLast(new HttpObjectAggregator(MAX_REQUEST_BYTES))
                        .addLast(handler);
                  }
                });
    try {
      channel = bootstrap.bind(0).sync().channel();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopThreads();
      throw new IOException("interrupted while the HTTP port was opened", e);
    }
  }

  int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
    stopThreads();
  }

  private void stopThreads() {
    acceptor.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    workers.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private static DefaultThreadFactory daemons(String name) {
    return new DefaultThreadFactory(name, true);
  }
}
