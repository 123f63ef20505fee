package com.linkedin.davinci.kafka.consumer;

/** Signature of Venice's class of this name; compiled against only. */
public class KafkaStoreIngestionService {}
