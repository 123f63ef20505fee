package com.linkedin.venice.rust.reference;

/** Names of store versions; {@code Version} in Venice. */
final class VersionTopics {
  private static final String SEPARATOR = "_v";

  private VersionTopics() {}

  /** Returns {@code <store>_v<N>}. */
  static String composeKafkaTopic(String storeName, int version) {
    return storeName + SEPARATOR + version;
  }

  /** Returns the store of a store version; empty if the name is not of that form. */
  static String parseStoreFromKafkaTopicName(String topic) {
    int separator = topic.lastIndexOf(SEPARATOR);
    return separator > 0 && isNumber(topic.substring(separator + SEPARATOR.length()))
        ? topic.substring(0, separator)
        : "";
  }

  /**
   * Returns the number of a store version.
   *
   * @throws NumberFormatException if the name is not of that form
   */
  static int parseVersionFromKafkaTopicName(String topic) {
    return Integer.parseInt(topic.substring(topic.lastIndexOf(SEPARATOR) + SEPARATOR.length()));
  }

  private static boolean isNumber(String text) {
    try {
      Integer.parseInt(text);
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
