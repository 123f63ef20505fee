package com.linkedin.venice.rust.discovery;

import io.grpc.NameResolver;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import java.net.URI;
import java.util.SortedMap;

/**
 * Resolves one server of a {@link ServerDirectory}: by DNS, for the address that the directory has.
 * All methods are called in the channel's synchronization context.
 */
final class ServerResolver extends NameResolver implements ServerDirectory.Listener {
  private final ServerDirectory directory;
  private final String server;
  private final Args args;

  private Listener2 listener;
  private String address;
  private NameResolver resolver;
  private boolean shutdown;

  ServerResolver(ServerDirectory directory, String server, Args args) {
    this.directory = directory;
    this.server = server;
    this.args = args;
  }

  /** Returns the name that the server's certificate is checked for: its host, whatever the port. */
  @Override
  public String getServiceAuthority() {
    return server;
  }

  @Override
  public void start(Listener2 channel) {
    listener = channel;
    directory.addListener(this);
    follow(directory.addresses());
    if (resolver == null) {
      unknown();
    }
  }

  private void unknown() {
    listener.onError(
        Status.UNAVAILABLE.withDescription(
            "no address of gRPC is announced for the server " + server));
  }

  @Override
  public void changed(SortedMap<String, String> addresses) {
    args.getSynchronizationContext().execute(() -> follow(addresses));
  }

  private void follow(SortedMap<String, String> addresses) {
    String now = addresses.get(server);
    if (shutdown || now == null || now.equals(address)) {
      return;
    }
    if (resolver != null) {
      resolver.shutdown();
    }
    address = now;
    resolver =
        NameResolverRegistry.getDefaultRegistry()
            .asFactory()
            .newNameResolver(URI.create("dns:///" + now), args);
    if (resolver == null) {
      listener.onError(Status.UNAVAILABLE.withDescription("gRPC cannot resolve " + now));
      return;
    }
    resolver.start(listener);
  }

  @Override
  public void refresh() {
    if (resolver != null) {
      resolver.refresh();
    } else {
      unknown();
    }
  }

  @Override
  public void shutdown() {
    shutdown = true;
    directory.removeListener(this);
    if (resolver != null) {
      resolver.shutdown();
    }
  }
}
