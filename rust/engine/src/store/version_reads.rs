//! How much store versions are read, for who keeps those that are. Reads cost nothing for it: databases count their readers
//! anyway, to be closed behind the last of them.

use std::time::SystemTime;

use crate::store::registry::Registry;
use crate::store::store_version::StoreVersion;

/// How much a store version was read by the read servers of this process since it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionReads {
    /// `<store>_v<N>`.
    pub store_version: Box<str>,
    /// How often one of its partitions was read, as [`HostedPartition::reads`](crate::HostedPartition::reads) counts, but
    /// without a bound, and over partitions that were closed and opened again. What races with a close may be left out.
    pub reads: u64,
    /// The first look at or after its last read; none if it was never read. It is as exact as looks are frequent.
    pub last_read: Option<SystemTime>,
}

impl Registry {
    /// How much each store version that is here was read, by name. This is a look ([`VersionReads::last_read`]).
    pub fn version_reads(&self) -> Vec<VersionReads> {
        let now = SystemTime::now();
        let versions = self.all().into_iter();
        let mut reads: Vec<VersionReads> = versions.map(|version| version.look(now)).collect();
        reads.sort_unstable_by(|one, other| one.store_version.cmp(&other.store_version));
        reads
    }
}

impl StoreVersion {
    fn look(&self, now: SystemTime) -> VersionReads {
        let (reads, last_read) = self.usage.look(now, || self.data_databases());
        VersionReads {
            store_version: self.name().into(),
            reads,
            last_read,
        }
    }
}
