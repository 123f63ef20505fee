//! What the single gets of a turn will read, fetched into the processor's cache before the first of them is
//! answered: so their waits for memory overlap.
//!
//! Nothing is decided here. Each get is then answered by itself, as if nothing had been fetched: it is
//! decoded, admitted, counted and read by [`ReadPath::admit`]. What cannot be fetched is left to it, and so is
//! every refusal.
// #[HotPath]

use smallvec::SmallVec;
use venice_engine::{Key, Tier, GETS_AHEAD};
use venice_wire::key_string::{self, KeyBytes};
use venice_wire::text::Text;

use crate::read_path::stack::{catch_panics, decode, ReadPath};

/// Longer keys are not fetched ahead; nor is memory taken for them.
const LONGEST_KEY_STRING: usize = 160;

/// A single get.
struct Get<'m> {
    resource: Text<'m>,
    partition: i32,
    key: KeyBytes,
}

impl<'m> Get<'m> {
    /// `None` of what is none, or will be refused.
    fn decode(message: &'m [u8]) -> Option<Get<'m>> {
        let request = decode(message).ok()?;
        if request.is_batch || request.key_string.as_bytes().len() > LONGEST_KEY_STRING {
            return None;
        }
        Some(Get {
            resource: request.resource_name,
            partition: request.partition,
            key: key_string::decode(request.key_string).ok()?,
        })
    }

    fn store(&self) -> &[u8] {
        self.resource.as_bytes()
    }
}

impl ReadPath {
    /// Begins to fetch what the first [`GETS_AHEAD`] single gets among some `VeniceClientRequest`s will read,
    /// store version by store version. A get that has no other beside it has nothing to wait for together
    /// with.
    pub(crate) fn fetch_ahead<'m>(&self, messages: impl Iterator<Item = &'m [u8]>) {
        // What fails here fails again where it is answered.
        let _ = catch_panics(|| {
            let gets = messages.filter_map(Get::decode).take(GETS_AHEAD);
            let mut gets: SmallVec<[Get<'_>; GETS_AHEAD]> = gets.collect();
            // Most turns ask for one store version.
            if gets.windows(2).any(|two| two[0].store() != two[1].store()) {
                gets.sort_unstable_by(|one, other| one.store().cmp(other.store()));
            }
            for gets in gets.chunk_by(|one, other| one.store() == other.store()) {
                self.fetch_of_version(gets);
            }
            Ok(())
        });
    }

    fn fetch_of_version(&self, gets: &[Get<'_>]) {
        let [first, _, ..] = gets else { return };
        let Ok(version) = self.registry.store_version(first.resource) else {
            return;
        };
        let keys = gets.iter().map(|get| Key::new(get.partition, &get.key));
        let keys: SmallVec<[Key<'_>; GETS_AHEAD]> = keys.collect();
        if let Ok(reader) = version.reader(Tier::Memory) {
            reader.fetch_ahead(&keys);
        }
    }
}
