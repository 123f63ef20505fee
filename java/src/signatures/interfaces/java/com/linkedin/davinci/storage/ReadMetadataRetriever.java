package com.linkedin.davinci.storage;

import com.linkedin.davinci.listener.response.MetadataResponse;

/** Signature of Venice's interface of this name; compiled against only. */
public interface ReadMetadataRetriever {
  MetadataResponse getMetadata(String storeName);
}
