package com.linkedin.venice.rust.tests.permutations;

import org.junit.AfterClass;
import org.junit.runner.RunWith;
import org.junit.runners.Suite;
import org.junit.runners.Suite.SuiteClasses;

/** Every test, on the native library of this JVM. */
@RunWith(Suite.class)
@SuiteClasses({
  AvroStoreClientEndToEndTest.class,
  LongTailRetryTest.class,
  AvroStoreClientGzipEndToEndTest.class,
  AvroStoreClientZstdEndToEndTest.class,
  BatchGetAvroStoreClientTest.class,
  BatchGetAvroStoreClientGzipTest.class,
  BatchGetAvroStoreClientZstdTest.class,
  FastClientIndividualFeatureConfigurationTest.class,
  FastClientGrpcServerReadQuotaTest.class,
  VeniceGrpcEndToEndTest.class,
  VeniceGrpcSingleGetTest.class,
  StoreOverloadTest.class,
  MultipleFastClientSslEndToEndTest.class,
  ReadComputeTest.class,
  ReadComputeFeatureTest.class,
  MetadataFeatureTest.class,
  RequestBasedMetadataIntegrationTest.class,
})
public class AllPermutations {
  /** Stops what the tests share. */
  @AfterClass
  public static void stop() throws Exception {
    Cluster.closeShared();
  }
}
