//! Settings of read compute.

use std::thread;
use std::time::Duration;

use crate::config::names::{
    COMPUTE_ENABLED, COMPUTE_OPERATIONS, COMPUTE_SCHEMA_BYTES, COMPUTE_VALUE_BYTES,
};
use crate::config::reasons::{MEMORY, STARTED_THREADS};
use crate::config::setting::{
    bytes, flag, micros, number, settings, Field, Setting, INT_MAX, THREADS,
};

/// The longest schema that is read at all.
const MAX_SCHEMA_BYTES: i64 = venice_avro::limits::SCHEMA_BYTES as i64;
/// Some plans for one request after the other: with fewer each is made anew.
const MIN_PLAN_BYTES: i64 = 64 * 1024;
/// A tenth of a second: who shares threads waits no longer for one request of another.
const MAX_TURN_MICROS: i64 = 100_000;

fn half_the_cores() -> usize {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
    (cores / 2).max(1)
}

settings! {
    /// What may be computed of values here, and by how many threads.
    pub struct ComputeSettings {
        /// Whether there is `ReadComputeService`, and `countByValue` of Venice's service (docs/compute.md). Without
        /// it their methods do not exist, and no thread is started for them. A store's own flag has to
        /// allow it, too.
        enabled: bool = true, flag(COMPUTE_ENABLED).at_start(STARTED_THREADS),
            acts in "services/context.rs";

        /// The threads that read and compute, and so the processors that it takes at most; one more makes plans that
        /// take longer than a turn. Threads that answer other reads never compute.
        threads: usize = half_the_cores(), number("compute.threads", "threads", 1..=THREADS)
            .by_machine("half the available cores, at least 1").at_start(STARTED_THREADS),
            acts in "read_path/compute/pool.rs";

        /// The nice value of those threads: where processors are short, other threads, such as those that
        /// answer other reads, get more of them. 0 means the same for all.
        nice: i32 = 5, number("compute.nice", "", 0..=19).linux_only().at_start(STARTED_THREADS),
            acts in "read_path/compute/pool.rs";

        /// How long a thread works at one request while others wait; then it is the next one's turn. Connections
        /// take turns, whatever each of them asks for.
        turn: Duration = Duration::from_millis(2), micros("compute.turn.us", 100..=MAX_TURN_MICROS).at_start(STARTED_THREADS),
            acts in "read_path/compute/pool.rs";

        /// The operations of one request, and the fields of one `countByValue`; more become error code 400. Venice's
        /// client has no limit; a request for each field of a wide record has some hundred.
        max_operations: usize = 1000, number(COMPUTE_OPERATIONS, "operations", 1..=INT_MAX).at_run_time(),
            acts in "config/limits.rs";

        /// The text of the result schema that a request brings; a longer one becomes error code 400. Each
        /// that is new is read and compiled.
        max_schema_bytes: usize = 64 * 1024, bytes(COMPUTE_SCHEMA_BYTES, 1..=MAX_SCHEMA_BYTES).at_run_time(),
            acts in "config/limits.rs";

        /// A value, put together from its chunks, and decompressed. A larger one fails the request with error
        /// code 500. Each thread holds one of them beside the values of a slice.
        max_value_bytes: usize = 32 * 1024 * 1024, bytes(COMPUTE_VALUE_BYTES, 1..=INT_MAX).at_run_time(),
            acts in "config/limits.rs";

        /// What kept plans may take together. A plan is what is made of a request's operations and of schemas,
        /// kept for the next request with the same; those that were used once have a quarter of it.
        plan_bytes: usize = 32 * 1024 * 1024, bytes("compute.plan.cache.bytes", MIN_PLAN_BYTES..=INT_MAX).at_start(MEMORY),
            acts in "services/context.rs";
    }
}
