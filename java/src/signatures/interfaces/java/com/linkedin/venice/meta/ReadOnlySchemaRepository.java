package com.linkedin.venice.meta;

/** Signature of Venice's interface of this name; compiled against only. */
public interface ReadOnlySchemaRepository {}
