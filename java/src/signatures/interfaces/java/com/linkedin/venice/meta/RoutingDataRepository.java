package com.linkedin.venice.meta;

/** Signature of Venice's interface of this name; compiled against only. */
public interface RoutingDataRepository {
  PartitionAssignment getPartitionAssignments(String kafkaTopic);

  void subscribeRoutingDataChange(String kafkaTopic, RoutingDataChangedListener listener);

  void unSubscribeRoutingDataChange(String kafkaTopic, RoutingDataChangedListener listener);

  /** Signature of the listener. */
  interface RoutingDataChangedListener {
    void onExternalViewChange(PartitionAssignment partitionAssignment);

    void onCustomizedViewChange(PartitionAssignment partitionAssignment);

    void onCustomizedViewAdded(PartitionAssignment partitionAssignment);

    void onPartitionStatusChange(
        String topic, com.linkedin.venice.pushmonitor.ReadOnlyPartitionStatus partitionStatus);

    void onRoutingDataDeleted(String kafkaTopic);
  }
}
