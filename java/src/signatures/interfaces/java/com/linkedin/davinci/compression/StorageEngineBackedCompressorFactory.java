package com.linkedin.davinci.compression;

/** Signature of Venice's class of this name; compiled against only. */
public class StorageEngineBackedCompressorFactory {}
