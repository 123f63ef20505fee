package com.linkedin.venice.helix;

import com.linkedin.venice.meta.RoutingDataRepository;

/** Signature of Venice's class of this name; compiled against only. */
public abstract class HelixCustomizedViewOfflinePushRepository implements RoutingDataRepository {}
