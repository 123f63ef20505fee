package com.linkedin.davinci.storage;

/** Signature of Venice's interface of this name; compiled against only. */
public interface IngestionMetadataRetriever {}
