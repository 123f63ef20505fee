//! Reads for tests, each as one call.

use crate::database::Tier;
use crate::error::ReadError;
use crate::read::key::Key;
use crate::read::take::each;
use crate::read::value::Value;
use crate::store::store_version::StoreVersion;

impl StoreVersion {
    /// One get, by the state as of now, of a value of any size.
    pub fn get<R>(
        &self,
        partition: i32,
        key: &[u8],
        tier: Tier,
        found: impl FnOnce(Value<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        self.reader(tier)?.get(partition, key, usize::MAX, found)
    }

    /// One batch, by the state as of now, of values of any size.
    pub fn multi_get(
        &self,
        keys: &[Key<'_>],
        tier: Tier,
        found: impl FnMut(usize, Option<Value<'_>>),
    ) -> Result<(), ReadError> {
        self.reader(tier)?.multi_get(keys, &mut each(found))
    }
}
