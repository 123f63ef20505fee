package com.linkedin.davinci.storage;

import com.linkedin.davinci.listener.response.MetadataResponse;
import com.linkedin.davinci.listener.response.StorePropertiesPayload;
import java.util.Optional;

/** Signature of Venice's interface of this name; compiled against only. */
public interface ReadMetadataRetriever {
  MetadataResponse getMetadata(String storeName);

  StorePropertiesPayload getStoreProperties(
      String storeName, Optional<Integer> largestKnownSchemaId);
}
