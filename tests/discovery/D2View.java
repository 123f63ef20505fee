package com.linkedin.venice.rust.tests;

import com.linkedin.common.callback.FutureCallback;
import com.linkedin.common.util.None;
import com.linkedin.d2.balancer.properties.ClusterProperties;
import com.linkedin.d2.balancer.properties.ClusterPropertiesJsonSerializer;
import com.linkedin.d2.balancer.properties.ServiceProperties;
import com.linkedin.d2.balancer.properties.ServicePropertiesJsonSerializer;
import com.linkedin.d2.balancer.properties.UriProperties;
import com.linkedin.d2.balancer.properties.UriPropertiesJsonSerializer;
import com.linkedin.d2.balancer.properties.UriPropertiesMerger;
import com.linkedin.d2.discovery.stores.PropertyStoreException;
import com.linkedin.d2.discovery.stores.zk.ZKConnection;
import com.linkedin.d2.discovery.stores.zk.ZooKeeper;
import com.linkedin.d2.discovery.stores.zk.ZooKeeperEphemeralStore;
import com.linkedin.d2.discovery.stores.zk.ZooKeeperPermanentStore;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;

/** What D2's own code reads of a resource, as its clients do. */
final class D2View implements AutoCloseable {
  private final ZKConnection connection;
  private final ZooKeeperEphemeralStore<UriProperties> uris;

  D2View(String connectString) throws Exception {
    connection = new ZKConnection(connectString, 30_000);
    connection.start();
    connection.waitForState(Watcher.Event.KeeperState.SyncConnected, 60, TimeUnit.SECONDS);
    uris =
        new ZooKeeperEphemeralStore<>(
            connection,
            new UriPropertiesJsonSerializer(),
            new UriPropertiesMerger(),
            "/d2/uris");
    FutureCallback<None> started = new FutureCallback<>();
    uris.start(started);
    started.get(60, TimeUnit.SECONDS);
  }

  /** The URIs of a service's cluster; null if it never had one. */
  UriProperties uris(String service) throws PropertyStoreException {
    return uris.get(service + "_d2_cluster");
  }

  ServiceProperties service(String service) throws Exception {
    ZooKeeperPermanentStore<ServiceProperties> services =
        new ZooKeeperPermanentStore<>(
            connection, new ServicePropertiesJsonSerializer(), "/d2/services");
    FutureCallback<None> started = new FutureCallback<>();
    services.start(started);
    started.get(60, TimeUnit.SECONDS);
    return services.get(service);
  }

  ClusterProperties cluster(String service) throws Exception {
    ZooKeeperPermanentStore<ClusterProperties> clusters =
        new ZooKeeperPermanentStore<>(
            connection, new ClusterPropertiesJsonSerializer(), "/d2/clusters");
    FutureCallback<None> started = new FutureCallback<>();
    clusters.start(started);
    started.get(60, TimeUnit.SECONDS);
    return clusters.get(service + "_d2_cluster");
  }

  /** The names of a cluster's nodes. */
  List<String> nodes(String service) throws KeeperException, InterruptedException {
    try {
      return zooKeeper().getChildren("/d2/uris/" + service + "_d2_cluster", false);
    } catch (KeeperException.NoNodeException e) {
      return Collections.emptyList();
    }
  }

  ZooKeeper zooKeeper() {
    return connection.getZooKeeper();
  }

  @Override
  public void close() throws Exception {
    connection.shutdown();
  }
}
