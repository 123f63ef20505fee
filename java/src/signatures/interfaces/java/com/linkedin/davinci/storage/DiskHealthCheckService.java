package com.linkedin.davinci.storage;

/** Signature of Venice's class of this name; compiled against only. */
public class DiskHealthCheckService {}
