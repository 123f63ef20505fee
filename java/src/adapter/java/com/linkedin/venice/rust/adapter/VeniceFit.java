package com.linkedin.venice.rust.adapter;

import java.lang.reflect.Method;

/**
 * Whether the Venice on the class path has what the adapter uses of it. The adapter is compiled
 * against signatures, so what is missing would else come to light as a NoSuchMethodError of some
 * thread, some time.
 */
final class VeniceFit {
  private static final String VENICE = "com.linkedin.venice.";
  private static final String DAVINCI = "com.linkedin.davinci.";

  /** Class, method, result, parameters: those of linkedin/venice at 77ea837f (21 August 2026). */
  private static final String[][] USED = {
    {VENICE + "meta.ReadOnlyStoreRepository", "getStore", VENICE + "meta.Store", "java.lang.String"},
    {VENICE + "meta.ReadOnlyStoreRepository", "getAllStores", "java.util.List"},
    {
      VENICE + "meta.ReadOnlyStoreRepository",
      "registerStoreDataChangedListener",
      "void",
      VENICE + "meta.StoreDataChangedListener"
    },
    {
      VENICE + "meta.ReadOnlyStoreRepository",
      "unregisterStoreDataChangedListener",
      "void",
      VENICE + "meta.StoreDataChangedListener"
    },
    {VENICE + "meta.Store", "getName", "java.lang.String"},
    {VENICE + "meta.Store", "getReadQuotaInCU", "long"},
    {VENICE + "meta.Store", "getVersions", "java.util.List"},
    {VENICE + "meta.Store", "isStorageNodeReadQuotaEnabled", "boolean"},
    {VENICE + "meta.Version", "getStatus", VENICE + "meta.VersionStatus"},
    {VENICE + "meta.Version", "getPartitionCount", "int"},
    {VENICE + "meta.Version", "kafkaTopicName", "java.lang.String"},
    {
      VENICE + "meta.RoutingDataRepository",
      "getPartitionAssignments",
      VENICE + "meta.PartitionAssignment",
      "java.lang.String"
    },
    {
      VENICE + "meta.RoutingDataRepository",
      "subscribeRoutingDataChange",
      "void",
      "java.lang.String",
      VENICE + "meta.RoutingDataRepository$RoutingDataChangedListener"
    },
    {
      VENICE + "meta.RoutingDataRepository",
      "unSubscribeRoutingDataChange",
      "void",
      "java.lang.String",
      VENICE + "meta.RoutingDataRepository$RoutingDataChangedListener"
    },
    {VENICE + "meta.PartitionAssignment", "getAllPartitions", "java.util.Collection"},
    {VENICE + "meta.PartitionAssignment", "getTopic", "java.lang.String"},
    {VENICE + "meta.Partition", "getReadyToServeInstances", "java.util.List"},
    {VENICE + "meta.Instance", "getNodeId", "java.lang.String"},
    {
      DAVINCI + "storage.StorageEngineRepository",
      "getLocalStorageEngine",
      DAVINCI + "store.StorageEngine",
      "java.lang.String"
    },
    {DAVINCI + "store.StorageEngine", "getPartitionIds", "java.util.Set"},
    {
      VENICE + "acl.AccessController",
      "hasAccess",
      "boolean",
      "java.security.cert.X509Certificate",
      "java.lang.String",
      "java.lang.String"
    },
    {VENICE + "acl.DynamicAccessController", "hasAcl", "boolean", "java.lang.String"},
    {VENICE + "acl.DynamicAccessController", "isFailOpen", "boolean"},
    {VENICE + "common.VeniceSystemStoreUtils", "isSystemStore", "boolean", "java.lang.String"},
    {VENICE + "security.SSLFactory", "getSSLConfig", VENICE + "security.SSLConfig"},
    {VENICE + "security.SSLFactory", "getSSLParameters", "javax.net.ssl.SSLParameters"},
    {VENICE + "security.SSLFactory", "isSslEnabled", "boolean"},
    {VENICE + "security.SSLConfig", "getKeyStoreData", "java.lang.String"},
    {VENICE + "security.SSLConfig", "getKeyStoreFilePath", "java.lang.String"},
    {VENICE + "security.SSLConfig", "getKeyStorePassword", "java.lang.String"},
    {VENICE + "security.SSLConfig", "getKeyStoreType", "java.lang.String"},
    {VENICE + "security.SSLConfig", "getTrustStoreFilePath", "java.lang.String"},
    {VENICE + "security.SSLConfig", "getTrustStoreFilePassword", "java.lang.String"},
    {VENICE + "security.SSLConfig", "doesSslRequireClientCerts", "boolean"},
    {DAVINCI + "config.VeniceServerConfig", "getClusterProperties", VENICE + "utils.VeniceProperties"},
    {DAVINCI + "config.VeniceServerConfig", "getZookeeperAddress", "java.lang.String"},
    {DAVINCI + "config.VeniceServerConfig", "getListenerPort", "int"},
    {DAVINCI + "config.VeniceServerConfig", "getListenerHostname", "java.lang.String"},
    {DAVINCI + "config.VeniceServerConfig", "isGrpcEnabled", "boolean"},
    {DAVINCI + "config.VeniceServerConfig", "isQuotaEnforcementEnabled", "boolean"},
    {DAVINCI + "config.VeniceServerConfig", "getNodeCapacityInRcu", "long"},
    {DAVINCI + "config.VeniceServerConfig", "getQuotaEnforcementIntervalInMs", "int"},
    {DAVINCI + "config.VeniceServerConfig", "getQuotaEnforcementCapacityMultiple", "int"},
    {DAVINCI + "config.VeniceServerConfig", "isReadQuotaInitializationFallbackEnabled", "boolean"},
    {VENICE + "utils.VeniceProperties", "getAsMap", "java.util.Map"},
    {
      "io.tehuti.metrics.MetricsRepository",
      "addMetric",
      "io.tehuti.Metric",
      "java.lang.String",
      "io.tehuti.metrics.Measurable"
    },
    {VENICE + "servicediscovery.ServiceDiscoveryAnnouncer", "register", "void"},
    {VENICE + "servicediscovery.ServiceDiscoveryAnnouncer", "unregister", "void"},
  };

  /** The same of what is used to describe stores alone: without it everything else goes on. */
  private static final String[][] USED_FOR_DESCRIPTIONS = {
    {VENICE + "meta.Store", "getCurrentVersion", "int"},
    {VENICE + "meta.Store", "isReadComputationEnabled", "boolean"},
    {VENICE + "meta.Store", "isMigrating", "boolean"},
    {VENICE + "meta.Store", "getBatchGetLimit", "int"},
    {VENICE + "meta.Store", "getLatestSuperSetValueSchemaId", "int"},
    {VENICE + "meta.Version", "getNumber", "int"},
    {VENICE + "meta.Version", "getPartitionerConfig", VENICE + "meta.PartitionerConfig"},
    {
      VENICE + "meta.Version", "getCompressionStrategy", VENICE + "compression.CompressionStrategy"
    },
    {VENICE + "meta.PartitionerConfig", "getPartitionerClass", "java.lang.String"},
    {VENICE + "meta.PartitionerConfig", "getPartitionerParams", "java.util.Map"},
    {VENICE + "meta.PartitionerConfig", "getAmplificationFactor", "int"},
    {
      VENICE + "meta.ReadOnlySchemaRepository",
      "getValueSchema",
      VENICE + "schema.SchemaEntry",
      "java.lang.String",
      "int"
    },
    {
      VENICE + "meta.ReadOnlySchemaRepository",
      "getSupersetOrLatestValueSchema",
      VENICE + "schema.SchemaEntry",
      "java.lang.String"
    },
    {VENICE + "schema.SchemaEntry", "getId", "int"},
    {VENICE + "schema.SchemaEntry", "getSchemaStr", "java.lang.String"},
    {
      DAVINCI + "storage.ReadMetadataRetriever",
      "getMetadata",
      DAVINCI + "listener.response.MetadataResponse",
      "java.lang.String"
    },
    {DAVINCI + "listener.response.MetadataResponse", "isError", "boolean"},
    {DAVINCI + "listener.response.MetadataResponse", "getMessage", "java.lang.String"},
    {
      DAVINCI + "listener.response.MetadataResponse",
      "getResponseRecord",
      VENICE + "metadata.response.MetadataResponseRecord"
    },
    {
      VENICE + "metadata.response.MetadataResponseRecord",
      "getVersionMetadata",
      VENICE + "metadata.response.VersionProperties"
    },
    {VENICE + "metadata.response.MetadataResponseRecord", "getKeySchema", "java.util.Map"},
    {VENICE + "metadata.response.MetadataResponseRecord", "getValueSchemas", "java.util.Map"},
    {VENICE + "metadata.response.MetadataResponseRecord", "getRoutingInfo", "java.util.Map"},
    {VENICE + "metadata.response.MetadataResponseRecord", "getHelixGroupInfo", "java.util.Map"},
    {VENICE + "metadata.response.MetadataResponseRecord", "getExternalStorageReadMode", "int"},
    {VENICE + "metadata.response.VersionProperties", "getCurrentVersion", "int"},
    {VENICE + "metadata.response.VersionProperties", "getStorageMode", "int"},
  };

  /** The same of what is used for the properties of stores alone. */
  private static final String[][] USED_FOR_PROPERTIES = {
    {
      DAVINCI + "storage.ReadMetadataRetriever",
      "getStoreProperties",
      DAVINCI + "listener.response.StorePropertiesPayload",
      "java.lang.String",
      "java.util.Optional"
    },
    {DAVINCI + "listener.response.StorePropertiesPayload", "isError", "boolean"},
    {DAVINCI + "listener.response.StorePropertiesPayload", "getMessage", "java.lang.String"},
    {
      DAVINCI + "listener.response.StorePropertiesPayload",
      "getPayloadRecord",
      VENICE + "metadata.payload.StorePropertiesPayloadRecord"
    },
    {
      VENICE + "metadata.payload.StorePropertiesPayloadRecord",
      "getStoreMetaValueSchemaVersion",
      "int"
    },
    {
      VENICE + "metadata.payload.StorePropertiesPayloadRecord",
      "getStoreMetaValueAvro",
      "java.nio.ByteBuffer"
    },
    {
      VENICE + "metadata.payload.StorePropertiesPayloadRecord", "getHelixGroupInfo", "java.util.Map"
    },
    {VENICE + "metadata.payload.StorePropertiesPayloadRecord", "getRoutingInfo", "java.util.Map"},
    {
      VENICE + "serializer.SerializerDeserializerFactory",
      "getAvroGenericSerializer",
      VENICE + "serializer.RecordSerializer",
      "org.apache.avro.Schema"
    },
    {
      VENICE + "serializer.SerializerDeserializerFactory",
      "getAvroSpecificDeserializer",
      VENICE + "serializer.RecordDeserializer",
      "java.lang.Class"
    },
    {VENICE + "serializer.RecordSerializer", "serialize", "[B", "java.lang.Object"},
    {
      VENICE + "serializer.RecordDeserializer",
      "deserialize",
      "java.lang.Object",
      "java.nio.ByteBuffer"
    },
    {
      VENICE + "systemstore.schemas.StoreMetaValue",
      "getStoreProperties",
      VENICE + "systemstore.schemas.StoreProperties"
    },
    {
      VENICE + "systemstore.schemas.StoreMetaValue",
      "getStoreKeySchemas",
      VENICE + "systemstore.schemas.StoreKeySchemas"
    },
    {
      VENICE + "systemstore.schemas.StoreMetaValue",
      "getStoreValueSchemas",
      VENICE + "systemstore.schemas.StoreValueSchemas"
    },
    {VENICE + "systemstore.schemas.StoreKeySchemas", "getKeySchemaMap", "java.util.Map"},
    {VENICE + "systemstore.schemas.StoreValueSchemas", "getValueSchemaMap", "java.util.Map"},
    {
      VENICE + "systemstore.schemas.StoreProperties", "getClassSchema", "org.apache.avro.Schema"
    },
    {VENICE + "systemstore.schemas.StoreProperties", "getCurrentVersion", "int"},
  };

  /** The same of what is told which store versions are read. */
  private static final String[][] USED_FOR_USAGE = {
    {VENICE + "cleaner.ResourceReadUsageTracker", "recordReadUsage", "void", "java.lang.String"},
  };

  /** Looked for without their methods. */
  private static final String[] CLASSES = {
    VENICE + "acl.AclException", VENICE + "exceptions.VeniceNoHelixResourceException",
  };

  private VeniceFit() {}

  /** Returns null if Venice fits, else one sentence that names what is missing. */
  static String missing() {
    return missing(VeniceFit.class.getClassLoader());
  }

  static String missing(ClassLoader loader) {
    for (String name : CLASSES) {
      if (find(loader, name) == null) {
        return sentence("class " + name);
      }
    }
    return missing(loader, USED);
  }

  /** Returns null if Venice has what stores are described by, else one sentence. */
  static String missingForDescriptions() {
    return missing(VeniceFit.class.getClassLoader(), USED_FOR_DESCRIPTIONS);
  }

  /** Returns null if Venice has what the properties of stores are taken from, else one sentence. */
  static String missingForProperties() {
    return missingForProperties(VeniceFit.class.getClassLoader());
  }

  static String missingForProperties(ClassLoader loader) {
    return missing(loader, USED_FOR_PROPERTIES);
  }

  /** Returns null if Venice can be told which store versions are read, else one sentence. */
  static String missingForUsage() {
    return missingForUsage(VeniceFit.class.getClassLoader());
  }

  static String missingForUsage(ClassLoader loader) {
    return missing(loader, USED_FOR_USAGE);
  }

  private static String missing(ClassLoader loader, String[][] all) {
    for (String[] used : all) {
      Class<?> owner = find(loader, used[0]);
      if (owner == null) {
        return sentence("class " + used[0]);
      }
      if (!has(owner, used)) {
        return sentence("method " + used[2] + " " + used[0] + "#" + used[1] + parameters(used));
      }
    }
    return null;
  }

  private static String sentence(String what) {
    return "the Venice on the class path does not fit: it has no "
        + what
        + "; this adapter is made for linkedin/venice at 77ea837f (21 August 2026)";
  }

  private static Class<?> find(ClassLoader loader, String name) {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }

  private static boolean has(Class<?> owner, String[] used) {
    Method[] methods;
    try {
      methods = owner.getMethods();
    } catch (LinkageError e) {
      return false;
    }
    for (Method method : methods) {
      if (method.getName().equals(used[1])
          && method.getReturnType().getName().equals(used[2])
          && method.getParameterCount() == used.length - 3) {
        boolean same = true;
        for (int i = 3; i < used.length; i++) {
          same &= method.getParameterTypes()[i - 3].getName().equals(used[i]);
        }
        if (same) {
          return true;
        }
      }
    }
    return false;
  }

  private static String parameters(String[] used) {
    StringBuilder text = new StringBuilder("(");
    for (int i = 3; i < used.length; i++) {
      text.append(i == 3 ? "" : ", ").append(used[i]);
    }
    return text.append(')').toString();
  }
}
