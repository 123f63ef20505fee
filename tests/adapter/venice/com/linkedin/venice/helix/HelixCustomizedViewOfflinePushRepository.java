package com.linkedin.venice.helix;

import com.linkedin.venice.exceptions.VeniceNoHelixResourceException;
import com.linkedin.venice.meta.PartitionAssignment;
import com.linkedin.venice.meta.RoutingDataRepository;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stand-in for Venice's class of this name. */
public class HelixCustomizedViewOfflinePushRepository implements RoutingDataRepository {
  private final Map<String, PartitionAssignment> assignments = new ConcurrentHashMap<>();
  private final Map<String, Set<RoutingDataChangedListener>> listeners = new ConcurrentHashMap<>();

  /** As Helix brings an assignment: listeners hear of it on the thread that brings it. */
  public void assign(PartitionAssignment assignment) {
    boolean first = assignments.put(assignment.getTopic(), assignment) == null;
    for (RoutingDataChangedListener listener : of(assignment.getTopic())) {
      if (first) {
        listener.onCustomizedViewAdded(assignment);
      } else {
        listener.onCustomizedViewChange(assignment);
      }
    }
  }

  /** As Helix takes an assignment away. */
  public void delete(String topic) {
    assignments.remove(topic);
    of(topic).forEach(listener -> listener.onRoutingDataDeleted(topic));
  }

  public int listenerCount(String topic) {
    return of(topic).size();
  }

  private Set<RoutingDataChangedListener> of(String topic) {
    return listeners.computeIfAbsent(topic, key -> ConcurrentHashMap.newKeySet());
  }

  @Override
  public PartitionAssignment getPartitionAssignments(String kafkaTopic) {
    PartitionAssignment found = assignments.get(kafkaTopic);
    if (found == null) {
      throw new VeniceNoHelixResourceException(kafkaTopic);
    }
    return found;
  }

  @Override
  public void subscribeRoutingDataChange(String kafkaTopic, RoutingDataChangedListener listener) {
    of(kafkaTopic).add(listener);
  }

  @Override
  public void unSubscribeRoutingDataChange(
      String kafkaTopic, RoutingDataChangedListener listener) {
    of(kafkaTopic).remove(listener);
  }
}
