/**
 * The metrics of a read server in OpenTelemetry's SDK for Java, 1.47 and later. The classes of this
 * package are the only ones that need it; a JVM without OpenTelemetry does not load them.
 */
package com.linkedin.venice.rust.metrics.opentelemetry;
