//! The receiver of a batch's values: a trait that callers implement.

use std::ops::ControlFlow;

use crate::read::value::Value;

/// Takes the values of a batch, in the order of its keys.
pub trait Take {
    /// Bytes that the next value may have. A chunked value that is announced as larger is not read, and
    /// ends the read; a value that is read already is handed on whatever its size. Values are read
    /// ahead up to about as many bytes together, not more.
    fn room(&self) -> usize;

    /// Takes the value of the key at `position`, `None` if there is no such key. With
    /// [`ControlFlow::Break`] the read ends: nothing more is read.
    fn take(&mut self, position: usize, value: Option<Value<'_>>) -> ControlFlow<()>;
}

/// [`each`].
pub struct Each<F>(F);

/// Takes all values, of whatever size, by a function of position and value.
pub fn each<F: FnMut(usize, Option<Value<'_>>)>(take: F) -> Each<F> {
    Each(take)
}

impl<F: FnMut(usize, Option<Value<'_>>)> Take for Each<F> {
    fn room(&self) -> usize {
        usize::MAX
    }

    fn take(&mut self, position: usize, value: Option<Value<'_>>) -> ControlFlow<()> {
        (self.0)(position, value);
        ControlFlow::Continue(())
    }
}
