// Printed from the tables of settings in rust/server/src/config. Change them there, and run
// `./bazelw run //rust/server:settings_files_test`; a test compares.
package com.linkedin.venice.rust;

import java.nio.file.Path;
import java.time.Duration;

/** The methods of a {@code ReadServerConfig.Builder} that set one setting each. */
abstract class SettingSetters {
  abstract ReadServerConfig.Builder put(ReadServerSetting setting, String value);

  abstract ReadServerConfig.Builder put(ReadServerSetting setting, long value);

  abstract ReadServerConfig.Builder put(ReadServerSetting setting, Duration value);

  /**
   * Sets {@code bind.address}. The IP address of this host to listen on. {@code 0.0.0.0} is every
   * IPv4 address; {@code 127.0.0.1} serves clients of this host only. Default: 0.0.0.0.
   */
  public ReadServerConfig.Builder bindAddress(String value) {
    return put(ReadServerSetting.BIND_ADDRESS, value);
  }

  /**
   * Sets {@code port}, 0 to 65535. The TCP port to listen on. 0 means a free one, which the system
   * picks and {@code port()} of the running server tells. Default: 0.
   */
  public ReadServerConfig.Builder port(int value) {
    return put(ReadServerSetting.PORT, value);
  }

  /**
   * Sets {@code worker.threads}, 1 to 1024 threads. The threads that serve connections and answer
   * from memory. Each has its own connections, so this bounds the processor time that reads take
   * from the rest of the process. Default: one for each available core.
   */
  public ReadServerConfig.Builder workerThreads(int value) {
    return put(ReadServerSetting.WORKER_THREADS, value);
  }

  /**
   * Sets {@code worker.cpus}, on Linux only. Numbers of processors and ranges of them, such as
   * {@code 0-3,8}: each worker stays on one, in turn, beginning again when there are more workers.
   * Without it the system decides. Only for processors that nothing else uses: a worker that may
   * not move waits for its neighbour. With a processor that this process may not use, the server
   * does not start. Default: none.
   */
  public ReadServerConfig.Builder workerCpus(String value) {
    return put(ReadServerSetting.WORKER_CPUS, value);
  }

  /**
   * Sets {@code worker.spin.us}, 0 to 10000 microseconds. For so long after bytes came a worker
   * looks for more before it sleeps, so that the next request need not wake it; it takes a whole
   * processor meanwhile. For servers with processors to spare: a lone client gets its answers in
   * 0.8 of the time, and calls that come alone cost 1.6 times the processor time (docs/benchmarks).
   * 0 means no such time. Default: 0.
   */
  public ReadServerConfig.Builder workerSpinMicros(int value) {
    return put(ReadServerSetting.WORKER_SPIN_MICROS, value);
  }

  /**
   * Sets {@code worker.nice}, -20 to 19, on Linux only. The nice value of workers. Below 0 a worker
   * that has work takes the processor from other threads sooner, such as those of the garbage
   * collector; above, it leaves it to them. Below 0 the process needs the right to it ({@code
   * CAP_SYS_NICE}), or the server does not start. Default: 0.
   */
  public ReadServerConfig.Builder workerNice(int value) {
    return put(ReadServerSetting.WORKER_NICE, value);
  }

  /**
   * Sets {@code worker.slice.us}, 0 to 100000 microseconds. The time slices of a worker. With
   * shorter ones than other threads, such as those of the garbage collector, a worker that wakes
   * gets the processor sooner, but no more of it. The default is the least that Linux has. 0 means
   * the system's own, some milliseconds. It needs no right, and does nothing before Linux 6.12, on
   * other systems, and where the call is forbidden. Default: 100.
   */
  public ReadServerConfig.Builder workerSliceMicros(int value) {
    return put(ReadServerSetting.WORKER_SLICE_MICROS, value);
  }

  /**
   * Sets {@code disk.threads}, 1 to 1024 threads. The threads for reads that memory cannot answer.
   * Each does one read at a time that may wait for the disk, so this is the number of disk reads at
   * the same time. Default: twice the available cores, at least 4.
   */
  public ReadServerConfig.Builder diskThreads(int value) {
    return put(ReadServerSetting.DISK_THREADS, value);
  }

  /**
   * Sets {@code max.request.bytes}, 1 to 2147483647 bytes. The largest request message. A larger
   * one is refused with gRPC status RESOURCE_EXHAUSTED before it is read. The default is that of
   * grpc-java servers. Default: 4194304.
   */
  public ReadServerConfig.Builder maxRequestBytes(int value) {
    return put(ReadServerSetting.MAX_REQUEST_BYTES, value);
  }

  /**
   * Sets {@code max.response.bytes}, 1 to 2147483647 bytes. The largest response message. A larger
   * answer becomes error code 500 with a text. The default is what gRPC clients take by default;
   * raise it only together with the clients' limit. Default: 4194304.
   */
  public ReadServerConfig.Builder maxResponseBytes(int value) {
    return put(ReadServerSetting.MAX_RESPONSE_BYTES, value);
  }

  /**
   * Sets {@code max.batch.keys}, 1 to 2147483647 keys. The keys of one batch get; more become error
   * code 400. The default is twice the largest fan-out that Venice describes for its clients. At 2
   * to 5 µs for a key in memory such a batch holds a disk thread for about 50 ms; without a limit a
   * request of 4 MiB could have a million keys. Default: 10000.
   */
  public ReadServerConfig.Builder maxBatchKeys(int value) {
    return put(ReadServerSetting.MAX_BATCH_KEYS, value);
  }

  /**
   * Sets {@code stream.chunk.bytes}, 1 to 2147483647 bytes. A message of a streamed answer has at
   * most so many bytes of records, unless it has a single one. A stream whose client does not read
   * holds about three such messages, beside what HTTP/2 buffers. Default: 65536.
   */
  public ReadServerConfig.Builder streamChunkBytes(int value) {
    return put(ReadServerSetting.STREAM_CHUNK_BYTES, value);
  }

  /**
   * Sets {@code max.concurrent.streams}, 1 to 2147483647 requests. The requests that one connection
   * may have in flight; a client queues the others. A change holds for connections from then on:
   * those that are there were told the one before. Default: 1000.
   */
  public ReadServerConfig.Builder maxConcurrentStreams(int value) {
    return put(ReadServerSetting.MAX_CONCURRENT_STREAMS, value);
  }

  /**
   * Sets {@code max.header.bytes}, 1024 to 1048576 bytes. The headers of one call, as HTTP/2 counts
   * them: names, values, and 32 for each. The default has room for path, authority, the fields of
   * gRPC, and tracing. It bounds what a few bytes on the wire can be made to unpack to
   * (CVE-2026-49975). More end the call, four times as many the connection. A change holds for
   * connections from then on. Default: 16384.
   */
  public ReadServerConfig.Builder maxHeaderBytes(int value) {
    return put(ReadServerSetting.MAX_HEADER_BYTES, value);
  }

  /**
   * Sets {@code max.client.bytes}, 16777216 to 1099511627776 bytes. What all clients together can
   * make the server hold: open calls, requests, and answers until they were sent. Clients share it
   * so that none can keep the others from theirs (docs/http2.md): large requests and answers wait
   * for room, calls of a connection that holds more than its share are refused with gRPC status
   * RESOURCE_EXHAUSTED, and a client that does not read what others need room for is hung up on.
   * Two requests and two answers of their largest size always fit: where that is more, it is the
   * bound. Default: 268435456.
   */
  public ReadServerConfig.Builder maxClientBytes(long value) {
    return put(ReadServerSetting.MAX_CLIENT_BYTES, value);
  }

  /**
   * Sets {@code max.connections}, 1 to 1000000 connections. The connections at a time. An idle one
   * costs some 20 KiB, with TLS some 60 KiB, and a descriptor of the process. A further one takes
   * the place of the oldest that has not spoken HTTP/2 yet, else of the oldest that never made a
   * call; if all have, it is closed at once. Default: 10000.
   */
  public ReadServerConfig.Builder maxConnections(int value) {
    return put(ReadServerSetting.MAX_CONNECTIONS, value);
  }

  /**
   * Sets {@code max.connections.per.address}, 0 to 1000000 connections. The connections that the
   * clients of one address may have at a time, of an IPv6 network of 64 bits together. 0 means
   * three quarters of {@code max.connections}, which leaves room for others. A further one takes
   * the place of one of that address, as for {@code max.connections}, or is closed at once. Raise
   * it where all clients come through one proxy. Default: 0.
   */
  public ReadServerConfig.Builder maxConnectionsPerAddress(int value) {
    return put(ReadServerSetting.MAX_CONNECTIONS_PER_ADDRESS, value);
  }

  /**
   * Sets {@code max.handshakes}, 0 to 1024 handshakes. The handshakes of TLS that are worked at at
   * the same time; the others have their turn in the order in which their clients spoke, and the
   * requests of connections that are there come between. A client that is waited for does not
   * count. 0 means one for each worker thread. Default: 0.
   */
  public ReadServerConfig.Builder maxHandshakes(int value) {
    return put(ReadServerSetting.MAX_HANDSHAKES, value);
  }

  /**
   * Sets {@code max.connection.idle.ms}, 0 to 86400000 milliseconds. After so long without a call a
   * connection is ended by GOAWAY. 0 means no limit. Clients of grpc-java end theirs after 30
   * minutes by themselves, so this is for others. Default: 3600000.
   */
  public ReadServerConfig.Builder maxConnectionIdle(Duration value) {
    return put(ReadServerSetting.MAX_CONNECTION_IDLE, value);
  }

  /**
   * Sets {@code max.connection.age.ms}, 0 to 86400000 milliseconds. A connection that old, or up to
   * a tenth younger, is ended by GOAWAY, so that clients look again where servers are. 0 means no
   * limit. Default: 0.
   */
  public ReadServerConfig.Builder maxConnectionAge(Duration value) {
    return put(ReadServerSetting.MAX_CONNECTION_AGE, value);
  }

  /**
   * Sets {@code max.connection.age.grace.ms}, 1 to 86400000 milliseconds. How long a connection
   * lasts after its GOAWAY for age or idleness: calls that are not answered by then, or whose
   * answers are not read, end with it. A Fast Client waits a second for an answer, and patient
   * clients of a batch not a minute; who reads 4 MiB over a line of 1 Mbit/s needs 34 seconds. A
   * stop has a limit of its own, {@code drain.ms}. Default: 60000.
   */
  public ReadServerConfig.Builder maxConnectionAgeGrace(Duration value) {
    return put(ReadServerSetting.MAX_CONNECTION_AGE_GRACE, value);
  }

  /**
   * Sets {@code keep.alive.ms}, 1 to 86400000 milliseconds. A connection on which nothing came for
   * so long is asked for a sign of life (PING). Default: 60000.
   */
  public ReadServerConfig.Builder keepAlive(Duration value) {
    return put(ReadServerSetting.KEEP_ALIVE, value);
  }

  /**
   * Sets {@code keep.alive.timeout.ms}, 1 to 86400000 milliseconds. How long the server waits for
   * that sign before it closes the connection, as in grpc-java; likewise when the client takes no
   * byte of what is sent for both times together. Default: 20000.
   */
  public ReadServerConfig.Builder keepAliveTimeout(Duration value) {
    return put(ReadServerSetting.KEEP_ALIVE_TIMEOUT, value);
  }

  /**
   * Sets {@code receive.timeout.ms}, 1 to 86400000 milliseconds. How long a request may take to
   * arrive after the headers of its call: who sends it drop by drop makes the server keep it for no
   * longer. The default is ten times what a Fast Client waits for a whole answer. Default: 10000.
   */
  public ReadServerConfig.Builder receiveTimeout(Duration value) {
    return put(ReadServerSetting.RECEIVE_TIMEOUT, value);
  }

  /**
   * Sets {@code handshake.timeout.ms}, 1 to 86400000 milliseconds. How long a new connection may
   * take until it speaks HTTP/2: the handshake of TLS, HTTP/2's preface, and the head of the first
   * frame. The default covers the slowest line and a client in a garbage collection; a connection
   * without a word costs a descriptor no longer than this. Default: 10000.
   */
  public ReadServerConfig.Builder handshakeTimeout(Duration value) {
    return put(ReadServerSetting.HANDSHAKE_TIMEOUT, value);
  }

  /**
   * Sets {@code drain.ms}, 0 to 86400000 milliseconds. How long a stop that names no time waits for
   * requests in flight before it closes their connections. 0 means no wait. Default: 10000.
   */
  public ReadServerConfig.Builder drain(Duration value) {
    return put(ReadServerSetting.DRAIN, value);
  }

  /**
   * Sets {@code read.deadline.ms}, 1 to 86400000 milliseconds. The longest that one RocksDB read
   * may take before it fails, so that closing a partition, which waits for its readers, is bounded
   * too. It holds for all databases of the process: of several servers, the last to start sets it.
   * Default: 10000.
   */
  public ReadServerConfig.Builder readDeadline(Duration value) {
    return put(ReadServerSetting.READ_DEADLINE, value);
  }

  /**
   * Sets {@code reflection}. Whether gRPC's server reflection is there, for tools such as grpcurl.
   * Without it its methods do not exist: it tells everyone who can connect what can be asked, and
   * no client needs it. Default: false.
   */
  public ReadServerConfig.Builder reflection(boolean value) {
    return put(ReadServerSetting.REFLECTION, Boolean.toString(value));
  }

  /**
   * Sets {@code channelz}. Whether gRPC's channelz is there, for tools such as grpcdebug. Without
   * it its methods do not exist: it tells everyone who can connect which connections there are, and
   * what they did. Default: false.
   */
  public ReadServerConfig.Builder channelz(boolean value) {
    return put(ReadServerSetting.CHANNELZ, Boolean.toString(value));
  }

  /**
   * Sets {@code stores.descriptions}. What is known of stores beyond their databases, for read
   * compute and metadata: a JSON file with the description of one store, or a folder whose files
   * {@code *.json} are such files (docs/metadata.md). A change of the setting, to the same path
   * too, has them read again; stores that are described no more are forgotten. Without it Java
   * describes stores. Default: none.
   */
  public ReadServerConfig.Builder storesDescriptions(Path value) {
    return put(ReadServerSetting.STORES_DESCRIPTIONS, value.toString());
  }

  /**
   * Sets {@code files.timeout.ms}, 1 to 86400000 milliseconds. How long a file that a setting names
   * is waited for at the start, and when certificates are read again for somebody who asked:
   * longer, and its disk is taken for one that does not answer, and the start for failed. Java's
   * thread that starts the server waits no longer for any of them. Default: 10000.
   */
  public ReadServerConfig.Builder filesTimeout(Duration value) {
    return put(ReadServerSetting.FILES_TIMEOUT, value);
  }

  /**
   * Sets {@code stores.cluster}. The name of Venice's cluster. Texts for clients that ask for
   * stores which are not there name it, as Venice's server does. Default: none.
   */
  public ReadServerConfig.Builder storesCluster(String value) {
    return put(ReadServerSetting.STORES_CLUSTER, value);
  }

  /**
   * Sets {@code http.requests}, one of off, http2, all. Whether the port answers, beside gRPC, the
   * requests that clients without gRPC send to Venice's HTTP port: {@code off}, or {@code http2}
   * over HTTP/2, or {@code all} over HTTP/1.1 as well. What is asked over HTTP passes the same
   * access control, quota and limits. HTTP/1.1 is off by default: no Fast Client in HTTP/2 mode
   * needs it, and a port that speaks one protocol has less to guard. Default: http2.
   */
  public ReadServerConfig.Builder httpRequests(String value) {
    return put(ReadServerSetting.HTTP_REQUESTS, value);
  }

  /**
   * Sets {@code tls.key.store}. File with the server's private key and certificates: PEM, or,
   * inside a JVM, what {@code java.security.KeyStore} opens, such as PKCS#12, JKS and JCEKS. At
   * most 64 MiB. Without it the server speaks plain HTTP/2. Default: none.
   */
  public ReadServerConfig.Builder tlsKeyStore(Path value) {
    return put(ReadServerSetting.TLS_KEY_STORE, value.toString());
  }

  /**
   * Sets {@code tls.key.store.type}. {@code PEM}, or a type of {@code java.security.KeyStore}.
   * Without it the bytes tell: they are tried as PKCS12, JKS, JCEKS, and, with a provider that has
   * them, BKS, BCFKS and UBER. Default: none.
   */
  public ReadServerConfig.Builder tlsKeyStoreType(String value) {
    return put(ReadServerSetting.TLS_KEY_STORE_TYPE, value);
  }

  /**
   * Sets {@code tls.key.store.password}. Password of the key store. PEM files have none. Default:
   * none.
   */
  public ReadServerConfig.Builder tlsKeyStorePassword(String value) {
    return put(ReadServerSetting.TLS_KEY_STORE_PASSWORD, value);
  }

  /**
   * Sets {@code tls.key.password}. Password of the private key. Without it, that of the key store.
   * Default: none.
   */
  public ReadServerConfig.Builder tlsKeyPassword(String value) {
    return put(ReadServerSetting.TLS_KEY_PASSWORD, value);
  }

  /**
   * Sets {@code tls.key.alias}. Name of the private key in the key store. Without it, of several
   * keys a client is shown the first that it can verify, in the order of Java's key manager
   * SunX509; the log names them. Default: none.
   */
  public ReadServerConfig.Builder tlsKeyAlias(String value) {
    return put(ReadServerSetting.TLS_KEY_ALIAS, value);
  }

  /**
   * Sets {@code tls.private.key}. PEM file with the private key, for a key store that is PEM
   * without the key. Default: none.
   */
  public ReadServerConfig.Builder tlsPrivateKey(Path value) {
    return put(ReadServerSetting.TLS_PRIVATE_KEY, value.toString());
  }

  /**
   * Sets {@code tls.trust.store}. File with the certificates that clients' are to be signed by;
   * formats as for {@code tls.key.store}. Default: none.
   */
  public ReadServerConfig.Builder tlsTrustStore(Path value) {
    return put(ReadServerSetting.TLS_TRUST_STORE, value.toString());
  }

  /**
   * Sets {@code tls.trust.store.type}. Type of the trust store, as {@code tls.key.store.type}.
   * Default: none.
   */
  public ReadServerConfig.Builder tlsTrustStoreType(String value) {
    return put(ReadServerSetting.TLS_TRUST_STORE_TYPE, value);
  }

  /**
   * Sets {@code tls.trust.store.password}. Password of the trust store. Without it, a JKS is not
   * checked for changes. Default: none.
   */
  public ReadServerConfig.Builder tlsTrustStorePassword(String value) {
    return put(ReadServerSetting.TLS_TRUST_STORE_PASSWORD, value);
  }

  /**
   * Sets {@code tls.client.auth}, one of required, optional, none. Whether a client has to show a
   * certificate. The default is that of Venice's server, and needs a trust store. With {@code
   * optional} a client need not show one, but what it shows has to be trusted; with {@code none} it
   * is not asked for one. Default: required.
   */
  public ReadServerConfig.Builder tlsClientAuth(String value) {
    return put(ReadServerSetting.TLS_CLIENT_AUTH, value);
  }

  /**
   * Sets {@code tls.min.version}, one of 1.2, 1.3. The oldest version of TLS that a client may
   * speak. Java 8 clients may have no newer one than the default. Default: 1.2.
   */
  public ReadServerConfig.Builder tlsMinVersion(String value) {
    return put(ReadServerSetting.TLS_MIN_VERSION, value);
  }

  /**
   * Sets {@code tls.reload.ms}, 0 to 86400000 milliseconds. How often the files of TLS are looked
   * at, to be read again when they changed: certificates are renewed hours before they expire. 0
   * means never: {@code reloadTls()} alone reads them again. Default: 60000.
   */
  public ReadServerConfig.Builder tlsReload(Duration value) {
    return put(ReadServerSetting.TLS_RELOAD, value);
  }

  /**
   * Sets {@code quota.interval.ms}, 1 to 86400000 milliseconds. How often the buckets of read
   * quotas are refilled, as {@code server.quota.enforcement.interval.in.millis} of Venice's server.
   * Default: 10000.
   */
  public ReadServerConfig.Builder quotaInterval(Duration value) {
    return put(ReadServerSetting.QUOTA_INTERVAL, value);
  }

  /**
   * Sets {@code quota.capacity.multiple}, 1 to 1000 refills. How many refills the bucket of a read
   * quota holds, and so how far a burst may go, as {@code
   * server.quota.enforcement.capacity.multiple} of Venice's server. Default: 5.
   */
  public ReadServerConfig.Builder quotaCapacityMultiple(int value) {
    return put(ReadServerSetting.QUOTA_CAPACITY_MULTIPLE, value);
  }

  /**
   * Sets {@code access.threads}, 1 to 1024 threads. So many questions are asked of the access
   * controller at the same time. If there is more than one thread, one of them is kept for clients
   * that are new. Default: 4.
   */
  public ReadServerConfig.Builder accessThreads(int value) {
    return put(ReadServerSetting.ACCESS_THREADS, value);
  }

  /**
   * Sets {@code access.refresh.ms}, 1 to 86400000 milliseconds. How long after an answer the access
   * controller is asked again, and so how long a change of permissions takes to be felt. Default:
   * 60000.
   */
  public ReadServerConfig.Builder accessRefresh(Duration value) {
    return put(ReadServerSetting.ACCESS_REFRESH, value);
  }

  /**
   * Sets {@code access.stale.ms}, 0 to 86400000 milliseconds. How much longer an answer holds while
   * the access controller is slow or fails. An answer that nobody used for so long is forgotten. 0
   * means that no answer outlives its refresh. Default: 600000.
   */
  public ReadServerConfig.Builder accessStale(Duration value) {
    return put(ReadServerSetting.ACCESS_STALE, value);
  }

  /**
   * Sets {@code access.wait.ms}, 1 to 86400000 milliseconds. How long a request waits for the first
   * answer of the access controller before it ends with gRPC status UNAVAILABLE. Default: 5000.
   */
  public ReadServerConfig.Builder accessWait(Duration value) {
    return put(ReadServerSetting.ACCESS_WAIT, value);
  }

  /**
   * Sets {@code access.cache.entries}, 1 to 2147483647 answers. How many answers are remembered,
   * one for each certificate, store and method. A quarter of them is for clients that may not read.
   * Default: 10000.
   */
  public ReadServerConfig.Builder accessCacheEntries(int value) {
    return put(ReadServerSetting.ACCESS_CACHE_ENTRIES, value);
  }

  /**
   * Sets {@code access.cache.bytes}, 65536 to 2147483647 bytes. What the remembered answers may
   * take together, a quarter of it for clients that may not read. An answer counts 640 bytes, its
   * names and its certificate. Default: 33554432.
   */
  public ReadServerConfig.Builder accessCacheBytes(int value) {
    return put(ReadServerSetting.ACCESS_CACHE_BYTES, value);
  }

  /**
   * Sets {@code compute.enabled}. Whether there is {@code ReadComputeService}, and {@code
   * countByValue} of Venice's service (docs/compute.md). Without it their methods do not exist, and
   * no thread is started for them. A store's own flag has to allow it, too. Default: true.
   */
  public ReadServerConfig.Builder computeEnabled(boolean value) {
    return put(ReadServerSetting.COMPUTE_ENABLED, Boolean.toString(value));
  }

  /**
   * Sets {@code compute.threads}, 1 to 1024 threads. The threads that read and compute, and so the
   * processors that it takes at most; one more makes plans that take longer than a turn. Threads
   * that answer other reads never compute. Default: half the available cores, at least 1.
   */
  public ReadServerConfig.Builder computeThreads(int value) {
    return put(ReadServerSetting.COMPUTE_THREADS, value);
  }

  /**
   * Sets {@code compute.nice}, 0 to 19, on Linux only. The nice value of those threads: where
   * processors are short, other threads, such as those that answer other reads, get more of them. 0
   * means the same for all. Default: 5.
   */
  public ReadServerConfig.Builder computeNice(int value) {
    return put(ReadServerSetting.COMPUTE_NICE, value);
  }

  /**
   * Sets {@code compute.turn.us}, 100 to 100000 microseconds. How long a thread works at one
   * request while others wait; then it is the next one's turn. Connections take turns, whatever
   * each of them asks for. Default: 2000.
   */
  public ReadServerConfig.Builder computeTurnMicros(int value) {
    return put(ReadServerSetting.COMPUTE_TURN_MICROS, value);
  }

  /**
   * Sets {@code compute.max.operations}, 1 to 2147483647 operations. The operations of one request,
   * and the fields of one {@code countByValue}; more become error code 400. Venice's client has no
   * limit; a request for each field of a wide record has some hundred. Default: 1000.
   */
  public ReadServerConfig.Builder computeMaxOperations(int value) {
    return put(ReadServerSetting.COMPUTE_MAX_OPERATIONS, value);
  }

  /**
   * Sets {@code compute.max.result.schema.bytes}, 1 to 1048576 bytes. The text of the result schema
   * that a request brings; a longer one becomes error code 400. Each that is new is read and
   * compiled. Default: 65536.
   */
  public ReadServerConfig.Builder computeMaxResultSchemaBytes(int value) {
    return put(ReadServerSetting.COMPUTE_MAX_RESULT_SCHEMA_BYTES, value);
  }

  /**
   * Sets {@code compute.max.value.bytes}, 1 to 2147483647 bytes. A value, put together from its
   * chunks, and decompressed. A larger one fails the request with error code 500. Each thread holds
   * one of them beside the values of a slice. Default: 33554432.
   */
  public ReadServerConfig.Builder computeMaxValueBytes(int value) {
    return put(ReadServerSetting.COMPUTE_MAX_VALUE_BYTES, value);
  }

  /**
   * Sets {@code compute.plan.cache.bytes}, 65536 to 2147483647 bytes. What kept plans may take
   * together. A plan is what is made of a request's operations and of schemas, kept for the next
   * request with the same; those that were used once have a quarter of it. Default: 33554432.
   */
  public ReadServerConfig.Builder computePlanCacheBytes(int value) {
    return put(ReadServerSetting.COMPUTE_PLAN_CACHE_BYTES, value);
  }

  /**
   * Sets {@code plain.tables.look.ms}, 0 to 86400000 milliseconds. How often the system is asked at
   * most which pages of plain tables are in memory: a read that would meet one that is not goes to
   * a disk thread, where it may wait. It takes a fiftieth of one processor at most, so for very
   * many tables the question comes less often: some 5 s for each 10 GiB. 0 means that it is not
   * asked, and worker threads wait for the disk. Default: 1000.
   */
  public ReadServerConfig.Builder plainTablesLook(Duration value) {
    return put(ReadServerSetting.PLAIN_TABLES_LOOK, value);
  }

  /**
   * Sets {@code plain.tables.populate}, one of off, auto, on. Whether pages of plain tables are
   * read into memory, and mapped, ahead of the reads that need them: when the server starts, and as
   * tables come, by a thread of its own. With {@code auto} as long as all plain tables together fit
   * into seven eighths of the memory that is free or has cached files, so that none takes the place
   * of another's that is read; where they do not, what is asked for decides what is in memory.
   * {@code on} reads them anyway; {@code off} never. It needs {@code plain.tables.look.ms}.
   * Default: auto.
   */
  public ReadServerConfig.Builder plainTablesPopulate(String value) {
    return put(ReadServerSetting.PLAIN_TABLES_POPULATE, value);
  }

  /**
   * Sets {@code plain.tables.lock}. Whether pages of plain tables are locked in memory as they are
   * read ahead, so that nothing takes them away: no copy of files, no backup, no other process. As
   * long as all fit, whatever {@code plain.tables.populate} says but {@code off}. The process needs
   * the right to it: a limit of locked memory (RLIMIT_MEMLOCK) above the sizes of the tables, or
   * CAP_IPC_LOCK; without it the log says so, and the server goes on. Default: false.
   */
  public ReadServerConfig.Builder plainTablesLock(boolean value) {
    return put(ReadServerSetting.PLAIN_TABLES_LOCK, Boolean.toString(value));
  }

  /**
   * Sets {@code metrics.enabled}. Whether metrics are counted. What they cost a get is in
   * docs/metrics.md. Default: true.
   */
  public ReadServerConfig.Builder metricsEnabled(boolean value) {
    return put(ReadServerSetting.METRICS_ENABLED, Boolean.toString(value));
  }

  /**
   * Sets {@code metrics.max.series}, 1 to 1000000 series. How many series one metric may have. What
   * exceeds it is counted together, in one series. A store has ten series of its reads' times if
   * its batches are of all sizes. Default: 10000.
   */
  public ReadServerConfig.Builder metricsMaxSeries(int value) {
    return put(ReadServerSetting.METRICS_MAX_SERIES, value);
  }

  /**
   * Sets {@code metrics.prefix}. What names of metrics have between {@code venice.} and their own,
   * as {@code otel.venice.metrics.prefix} of Venice's server; without it, {@code server}. Default:
   * none.
   */
  public ReadServerConfig.Builder metricsPrefix(String value) {
    return put(ReadServerSetting.METRICS_PREFIX, value);
  }

  /**
   * Sets {@code metrics.cluster.name}. The value of the dimension {@code venice.cluster.name};
   * without it, {@code unknown}. Default: none.
   */
  public ReadServerConfig.Builder metricsClusterName(String value) {
    return put(ReadServerSetting.METRICS_CLUSTER_NAME, value);
  }

  /**
   * Sets {@code metrics.rocksdb.interval.ms}, 0 to 86400000 milliseconds. How often RocksDB is
   * asked for its own numbers of the open databases ({@code rocksdb.*}), at most: when metrics are
   * read, and the last answer is older. It takes a moment for each database, and RocksDB's locks. 0
   * means never. Default: 30000.
   */
  public ReadServerConfig.Builder metricsRocksdbInterval(Duration value) {
    return put(ReadServerSetting.METRICS_ROCKSDB_INTERVAL, value);
  }

  /**
   * Sets {@code metrics.exporters}, one of none, prometheus, otlp, all. Who gets metrics without
   * Java's help: {@code none}, {@code prometheus}, which scrapes them at {@code
   * metrics.prometheus.address}, {@code otlp}, a collector of OpenTelemetry at {@code
   * metrics.otlp.endpoint}, or {@code all}. Java may read them besides; but do not send them to one
   * collector by both, which would count twice. Default: none.
   */
  public ReadServerConfig.Builder metricsExporters(String value) {
    return put(ReadServerSetting.METRICS_EXPORTERS, value);
  }

  /**
   * Sets {@code metrics.prometheus.address}. The IP address that Prometheus scrapes, by {@code GET
   * /metrics}. Who reaches it reads the names of all stores, so by default only this host does.
   * Default: 127.0.0.1.
   */
  public ReadServerConfig.Builder metricsPrometheusAddress(String value) {
    return put(ReadServerSetting.METRICS_PROMETHEUS_ADDRESS, value);
  }

  /**
   * Sets {@code metrics.prometheus.port}, 0 to 65535. The TCP port that Prometheus scrapes. The
   * default is OpenTelemetry's for this. 0 means a free one, and the log tells which. Default:
   * 9464.
   */
  public ReadServerConfig.Builder metricsPrometheusPort(int value) {
    return put(ReadServerSetting.METRICS_PROMETHEUS_PORT, value);
  }

  /**
   * Sets {@code metrics.otlp.endpoint}. The URL of the collector, {@code http} or {@code https}.
   * Without a path it gets {@code /v1/metrics}. A change loses nothing: what did not arrive at the
   * one collector goes to the other. Default: http://localhost:4318/v1/metrics.
   */
  public ReadServerConfig.Builder metricsOtlpEndpoint(String value) {
    return put(ReadServerSetting.METRICS_OTLP_ENDPOINT, value);
  }

  /**
   * Sets {@code metrics.otlp.headers}. Headers of each request to the collector, as {@code
   * name=value,name=value}, with {@code %2C} for a comma in a value. Default: none.
   */
  public ReadServerConfig.Builder metricsOtlpHeaders(String value) {
    return put(ReadServerSetting.METRICS_OTLP_HEADERS, value);
  }

  /**
   * Sets {@code metrics.otlp.interval.ms}, 100 to 86400000 milliseconds. From one message to the
   * next. What happens between two of them is in the later one. Default: 60000.
   */
  public ReadServerConfig.Builder metricsOtlpInterval(Duration value) {
    return put(ReadServerSetting.METRICS_OTLP_INTERVAL, value);
  }

  /**
   * Sets {@code metrics.otlp.timeout.ms}, 100 to 86400000 milliseconds. How long one request to the
   * collector may take, its answer included. It is tried five times. Default: 10000.
   */
  public ReadServerConfig.Builder metricsOtlpTimeout(Duration value) {
    return put(ReadServerSetting.METRICS_OTLP_TIMEOUT, value);
  }

  /**
   * Sets {@code metrics.otlp.temporality}, one of cumulative, delta. What a collector gets: {@code
   * cumulative} is what was counted from the start, {@code delta} what was counted since the last
   * message that arrived, as Venice's server sends it. Default: cumulative.
   */
  public ReadServerConfig.Builder metricsOtlpTemporality(String value) {
    return put(ReadServerSetting.METRICS_OTLP_TEMPORALITY, value);
  }

  /**
   * Sets {@code metrics.otlp.max.buckets}, 2 to 1000 buckets. The buckets of a histogram that is
   * sent to a collector. Neighbours are merged, exactly, until there are no more. The default is
   * that of OpenTelemetry's SDKs; Venice's server has 370. Default: 160.
   */
  public ReadServerConfig.Builder metricsOtlpMaxBuckets(int value) {
    return put(ReadServerSetting.METRICS_OTLP_MAX_BUCKETS, value);
  }

  /**
   * Sets {@code metrics.otlp.trust.file}. PEM file with the certificates that the collector's may
   * be signed by, such as {@code /etc/ssl/certs/ca-certificates.crt}. An endpoint with {@code
   * https} needs it. Default: none.
   */
  public ReadServerConfig.Builder metricsOtlpTrustFile(Path value) {
    return put(ReadServerSetting.METRICS_OTLP_TRUST_FILE, value.toString());
  }

  /**
   * Sets {@code metrics.resource}. Attributes of this server, as {@code name=value,name=value},
   * over those that it knows: {@code service.name} ({@code venice-server}), {@code host.name}, and
   * {@code service.instance.id} (the host's name and the port). Default: none.
   */
  public ReadServerConfig.Builder metricsResource(String value) {
    return put(ReadServerSetting.METRICS_RESOURCE, value);
  }

  /**
   * Sets {@code slow.log.threshold.us}, 0 to 60000000 microseconds. A request that takes so long,
   * or longer, is kept with what it waited for, in the slow log (docs/slow-log.md); beside them
   * some others by chance, one of 1,024, and one of 16 of those that go to a disk thread. A single
   * get takes some 10 µs from memory and some 100 from a disk, so one that takes the default waited
   * for something. 0 means that none is kept. It needs {@code metrics.enabled}, whose clock it
   * looks at. Default: 10000.
   */
  public ReadServerConfig.Builder slowLogThresholdMicros(int value) {
    return put(ReadServerSetting.SLOW_LOG_THRESHOLD_MICROS, value);
  }

  /**
   * Sets {@code slow.log.bytes}, 65536 to 1073741824 bytes. What the kept requests may take
   * together, half of it for the slow ones. One takes some 250 bytes. Of more, the oldest go.
   * Default: 1048576.
   */
  public ReadServerConfig.Builder slowLogBytes(int value) {
    return put(ReadServerSetting.SLOW_LOG_BYTES, value);
  }

  /**
   * Sets {@code admin.socket}. Path of a unix socket on which operators see what the server does
   * and change it, by HTTP/1.1 (docs/admin.md). Its folder has to be there. Only the user of this
   * process may connect (mode 0600). A socket that a server left behind is replaced; one that is in
   * use, and a file that is no socket, keep the server from starting. Beside it lies a file with
   * {@code .lock} behind the name. Without it there is no socket. Default: none.
   */
  public ReadServerConfig.Builder adminSocket(Path value) {
    return put(ReadServerSetting.ADMIN_SOCKET, value.toString());
  }

  /**
   * Sets {@code admin.socket.keys}. Whether who has the socket may have the keys shown that are
   * read most (docs/hot-keys.md). Else they have numbers there: the socket shows no key. Default:
   * false.
   */
  public ReadServerConfig.Builder adminSocketKeys(boolean value) {
    return put(ReadServerSetting.ADMIN_SOCKET_KEYS, Boolean.toString(value));
  }

  /**
   * Sets {@code admin.port}, -1 to 65535. TCP port at which operators find what {@code
   * admin.socket} has, over TLS of its own: who asks shows a certificate, whose names {@code
   * admin.port.view}, {@code admin.port.change} and {@code admin.port.keys} give rights. With -1
   * there is none, with 0 it is any that is free. Default: -1.
   */
  public ReadServerConfig.Builder adminPort(int value) {
    return put(ReadServerSetting.ADMIN_PORT, value);
  }

  /**
   * Sets {@code admin.bind.address}. Address that {@code admin.port} is listened on. By default
   * only programs of this machine reach it. Default: 127.0.0.1.
   */
  public ReadServerConfig.Builder adminBindAddress(String value) {
    return put(ReadServerSetting.ADMIN_BIND_ADDRESS, value);
  }

  /**
   * Sets {@code admin.tls.key.store}. PEM file with the certificates that operators are shown at
   * {@code admin.port}, and their private key unless {@code admin.tls.private.key} has it. It is
   * read again when it changes, as {@code tls.reload.ms} says. Default: none.
   */
  public ReadServerConfig.Builder adminTlsKeyStore(Path value) {
    return put(ReadServerSetting.ADMIN_TLS_KEY_STORE, value.toString());
  }

  /**
   * Sets {@code admin.tls.private.key}. PEM file with the private key, if {@code
   * admin.tls.key.store} has none. Default: none.
   */
  public ReadServerConfig.Builder adminTlsPrivateKey(Path value) {
    return put(ReadServerSetting.ADMIN_TLS_PRIVATE_KEY, value.toString());
  }

  /**
   * Sets {@code admin.tls.trust.store}. PEM file with the certificates that operators' are to be
   * signed by. It had better not be that of clients that read. Default: none.
   */
  public ReadServerConfig.Builder adminTlsTrustStore(Path value) {
    return put(ReadServerSetting.ADMIN_TLS_TRUST_STORE, value.toString());
  }

  /**
   * Sets {@code admin.port.view}. Who may look at {@code admin.port}: names of certificates with
   * commas between them, such as {@code CN=operator}, {@code DNS:host.example}, {@code
   * URI:spiffe://domain/operator}, {@code email:me@example}. A name has to be the same letter by
   * letter; {@code *} is every certificate that the trust store verifies. Without it nobody may,
   * but those of the other two. Default: none.
   */
  public ReadServerConfig.Builder adminPortView(String value) {
    return put(ReadServerSetting.ADMIN_PORT_VIEW, value);
  }

  /**
   * Sets {@code admin.port.change}. Who may also change something at {@code admin.port}: settings,
   * sessions of hot keys, drain. Names as in {@code admin.port.view}. Without it nobody may.
   * Default: none.
   */
  public ReadServerConfig.Builder adminPortChange(String value) {
    return put(ReadServerSetting.ADMIN_PORT_CHANGE, value);
  }

  /**
   * Sets {@code admin.port.keys}. Who may also be shown keys at {@code admin.port}, where hot keys
   * were counted with them. Names as in {@code admin.port.view}. Without it nobody may. Default:
   * none.
   */
  public ReadServerConfig.Builder adminPortKeys(String value) {
    return put(ReadServerSetting.ADMIN_PORT_KEYS, value);
  }

  /**
   * Sets {@code traces.otlp.endpoint}. The URL of a collector of OpenTelemetry, {@code http} or
   * {@code https}; without a path it gets {@code /v1/traces}. A {@code get} or {@code batchGet}
   * whose client sends W3C's {@code traceparent} with the flag *sampled* becomes a span there, with
   * its phases (docs/slow-log.md). Without it there are no spans. Headers, time-out, trust file and
   * resource are those of {@code metrics.otlp.*}. It needs {@code metrics.enabled}. In a running
   * server it can be set, changed, and taken back by {@code none}: spans that wait are sent to
   * where they were to go. Default: none.
   */
  public ReadServerConfig.Builder tracesOtlpEndpoint(String value) {
    return put(ReadServerSetting.TRACES_OTLP_ENDPOINT, value);
  }

  /**
   * Sets {@code traces.otlp.interval.ms}, 100 to 86400000 milliseconds. Spans wait for others for
   * so long, unless 512 are there before. Default: 5000.
   */
  public ReadServerConfig.Builder tracesOtlpInterval(Duration value) {
    return put(ReadServerSetting.TRACES_OTLP_INTERVAL, value);
  }

  /**
   * Sets {@code traces.queue.spans}, 1 to 1000000 spans. The spans that may wait. When a collector
   * is away or slow, more are dropped, and counted in {@code trace.span_count}. Default: 2048.
   */
  public ReadServerConfig.Builder tracesQueueSpans(int value) {
    return put(ReadServerSetting.TRACES_QUEUE_SPANS, value);
  }
}
