package com.linkedin.venice.rust.discovery;

import com.linkedin.d2.balancer.properties.ClusterProperties;
import com.linkedin.d2.balancer.properties.ClusterPropertiesJsonSerializer;
import com.linkedin.d2.balancer.properties.ServiceProperties;
import com.linkedin.d2.balancer.properties.ServicePropertiesJsonSerializer;
import com.linkedin.d2.balancer.properties.UriProperties;
import com.linkedin.d2.balancer.properties.UriPropertiesJsonSerializer;
import com.linkedin.d2.balancer.zkfs.ZKFSUtil;
import com.linkedin.d2.discovery.PropertySerializationException;
import com.linkedin.d2.discovery.stores.zk.ZooKeeper;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes of D2 in ZooKeeper: {@code <base>/uris/<cluster>/ephemoral-<sequence>} for each
 * announced URI, {@code <base>/clusters/<cluster>} and {@code <base>/services/<service>} for what
 * clients have to know of a resource. Bytes are those of D2's own serializers.
 */
final class D2Nodes {
  private static final Logger LOG = LoggerFactory.getLogger(D2Nodes.class);

  /** The name, misspelt, that D2's ZooKeeperEphemeralStore gives its nodes. */
  private static final String PREFIX = "ephemoral-";

  /** Any version. */
  private static final int ANY = -1;

  private final String basePath;
  private final UriPropertiesJsonSerializer serializer = new UriPropertiesJsonSerializer();

  D2Nodes(String basePath) {
    this.basePath = basePath;
  }

  String uris(String cluster) {
    return ZKFSUtil.uriPath(basePath) + "/" + cluster;
  }

  /** Reads a node; null for one that is no announcement. */
  UriProperties read(byte[] bytes, String path) {
    try {
      return serializer.fromBytes(bytes);
    } catch (PropertySerializationException | RuntimeException e) {
      LOG.warn("{} is no announcement of D2, and is passed over: {}", path, e.toString());
      return null;
    }
  }

  /**
   * Makes a service and its cluster known, unless someone has: then they stay as they are. The
   * strategies are those of Venice's D2ConfigUtils.
   */
  void describe(ZooKeeper zooKeeper, String service, String scheme)
      throws KeeperException, InterruptedException {
    String cluster = Names.cluster(service);
    List<String> schemes = Collections.singletonList(scheme);
    create(
        zooKeeper,
        ZKFSUtil.clusterPath(basePath) + "/" + cluster,
        new ClusterPropertiesJsonSerializer().toBytes(new ClusterProperties(cluster, schemes)));
    create(
        zooKeeper,
        ZKFSUtil.servicePath(basePath) + "/" + service,
        new ServicePropertiesJsonSerializer()
            .toBytes(
                new ServiceProperties(
                    service,
                    cluster,
                    "/",
                    Arrays.asList("degraderV3", "degraderV2"),
                    Collections.<String, Object>emptyMap(),
                    Collections.<String, Object>emptyMap(),
                    Collections.<String, String>emptyMap(),
                    schemes,
                    Collections.<java.net.URI>emptySet())));
  }

  /**
   * Makes the cluster hold one node for the URI of {@code announced}, this session's and with its
   * properties, and no other node for that URI.
   *
   * <p>The new node is there before old ones go, so that no client ever sees the URI missing. Nodes
   * of other sessions for the same URI are those of this server's past, as D2's own
   * ZooKeeperServer#markUp takes them.
   */
  void put(ZooKeeper zooKeeper, String cluster, AnnouncedServer announced)
      throws KeeperException, InterruptedException {
    String path = uris(cluster);
    byte[] wanted = serializer.toBytes(announced.toUriProperties(cluster));
    ensure(zooKeeper, path);
    String kept = null;
    List<String> children = zooKeeper.getChildren(path, false);
    boolean[] ofThisUri = new boolean[children.size()];
    for (int i = 0; i < children.size(); i++) {
      String child = path + "/" + children.get(i);
      Stat stat = new Stat();
      UriProperties found;
      try {
        found = read(zooKeeper.getData(child, false, stat), child);
      } catch (KeeperException.NoNodeException e) {
        continue;
      }
      ofThisUri[i] = found != null && found.Uris().contains(announced.uri());
      if (ofThisUri[i]
          && kept == null
          && stat.getEphemeralOwner() == zooKeeper.getSessionId()
          && found.Uris().size() == 1
          && AnnouncedServer.of(found, announced.uri()).equals(announced)) {
        kept = child;
      }
    }
    if (kept == null) {
      kept =
          zooKeeper.create(
              path + "/" + PREFIX,
              wanted,
              ZooDefs.Ids.OPEN_ACL_UNSAFE,
              CreateMode.EPHEMERAL_SEQUENTIAL);
    }
    for (int i = 0; i < children.size(); i++) {
      String child = path + "/" + children.get(i);
      if (ofThisUri[i] && !child.equals(kept)) {
        delete(zooKeeper, child);
      }
    }
  }

  /** Removes every node for a URI from a cluster. */
  void remove(ZooKeeper zooKeeper, String cluster, AnnouncedServer announced)
      throws KeeperException, InterruptedException {
    String path = uris(cluster);
    List<String> children;
    try {
      children = zooKeeper.getChildren(path, false);
    } catch (KeeperException.NoNodeException e) {
      return;
    }
    for (String name : children) {
      String child = path + "/" + name;
      try {
        UriProperties found = read(zooKeeper.getData(child, false, new Stat()), child);
        if (found != null && found.Uris().contains(announced.uri())) {
          delete(zooKeeper, child);
        }
      } catch (KeeperException.NoNodeException e) {
        // Gone already.
      }
    }
  }

  private static void delete(ZooKeeper zooKeeper, String path)
      throws KeeperException, InterruptedException {
    try {
      zooKeeper.delete(path, ANY);
    } catch (KeeperException.NoNodeException e) {
      // Gone already.
    }
  }

  private static void create(ZooKeeper zooKeeper, String path, byte[] data)
      throws KeeperException, InterruptedException {
    if (zooKeeper.exists(path, false) != null) {
      return;
    }
    ensure(zooKeeper, path.substring(0, path.lastIndexOf('/')));
    createPersistent(zooKeeper, path, data);
  }

  /** Creates a node and those above it that are missing. */
  private static void ensure(ZooKeeper zooKeeper, String path)
      throws KeeperException, InterruptedException {
    if (path.isEmpty() || zooKeeper.exists(path, false) != null) {
      return;
    }
    ensure(zooKeeper, path.substring(0, path.lastIndexOf('/')));
    createPersistent(zooKeeper, path, new byte[0]);
  }

  private static void createPersistent(ZooKeeper zooKeeper, String path, byte[] data)
      throws KeeperException, InterruptedException {
    try {
      zooKeeper.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    } catch (KeeperException.NodeExistsException e) {
      // Another server was first.
    }
  }
}
