//! Sums of products of floats, on encoded bytes.
//!
//! Java's order (`ComputeUtils.dotProduct`): four products are added from left to right, and their sum to the total;
//! what is left behind the last four is added one by one. [`Order::Java`] gives its bits for each vector, whatever the
//! processor has, NaN aside: which of two NaN comes out of an addition is the processor's and the compiler's choice, in
//! Java too.

mod fast;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(target_arch = "x86_64")]
mod x86;

use scalar::Group;
pub use scalar::{dot_of, hadamard};

/// Vectors that are worked at together.
pub const LANES: usize = 8;

/// The order in which products are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// As Java adds them, bit by bit.
    #[default]
    Java,
    /// In many sums at once. For vectors of n elements the result differs from Java's by at most [`fast_bound`] times
    /// the sum of the products' magnitudes.
    Fast,
}

/// What the two orders may differ by, relative to the sum of the magnitudes of `length` products: each is within
/// n·u / (1 − n·u) of the exact sum, u = 2⁻²⁴ (Higham, Accuracy and Stability of Numerical Algorithms, 3.1).
pub fn fast_bound(length: usize) -> f64 {
    let error = length as f64 * 0.5f64.powi(24);
    2.0 * error / (1.0 - error)
}

/// The sums of one group of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sums {
    /// Of products with the parameter.
    pub dots: [f32; LANES],
    /// Of squares.
    pub norms: [f32; LANES],
}

/// Multiplies up to [`LANES`] vectors with the parameter, and with themselves if `norms`.
///
/// # Panics
///
/// If there are more vectors, or one has not four bytes for each element of the parameter.
pub fn sums(order: Order, parameter: &[f32], vectors: &[&[u8]], norms: bool) -> Sums {
    assert!(vectors.len() <= LANES, "{} vectors", vectors.len());
    for vector in vectors {
        assert_eq!(vector.len(), 4 * parameter.len(), "a vector's bytes");
    }
    let mut sums = Sums::default();
    if order == Order::Fast {
        for (lane, vector) in vectors.iter().enumerate() {
            (sums.dots[lane], sums.norms[lane]) = fast_sums(parameter, vector, norms);
        }
        return sums;
    }
    // A full group needs no copies.
    if let (Ok(all), Some(group)) = (<&[&[u8]; LANES]>::try_from(vectors), eight()) {
        (sums.dots, sums.norms) = group(parameter, all, norms);
        return sums;
    }
    let mut done = 0;
    if let Some(group) = eight() {
        done = groups(group, parameter, vectors, done, norms, &mut sums);
    }
    if let Some(group) = four() {
        done = groups(group, parameter, vectors, done, norms, &mut sums);
    }
    for (lane, vector) in vectors.iter().enumerate().skip(done) {
        sums.dots[lane] = dot_of(parameter, vector);
        if norms {
            sums.norms[lane] = scalar::squares(vector);
        }
    }
    sums
}

/// Full groups of `N` from `done` on, and the last one of two or more with its first vector in the lanes left over.
fn groups<const N: usize>(
    group: Group<N>,
    parameter: &[f32],
    vectors: &[&[u8]],
    mut done: usize,
    norms: bool,
    sums: &mut Sums,
) -> usize {
    while vectors.len() - done > N / 2 {
        let count = N.min(vectors.len() - done);
        let mut lanes = [vectors[done]; N];
        lanes[..count].copy_from_slice(&vectors[done..done + count]);
        let (dots, squares) = group(parameter, &lanes, norms);
        sums.dots[done..done + count].copy_from_slice(&dots[..count]);
        sums.norms[done..done + count].copy_from_slice(&squares[..count]);
        done += count;
    }
    done
}

fn fast_sums(parameter: &[f32], vector: &[u8], norms: bool) -> (f32, f32) {
    #[cfg(target_arch = "x86_64")]
    if let Some(sums) = x86::fast(parameter, vector, norms) {
        return sums;
    }
    fast::sums_of(parameter, vector, norms)
}

fn eight() -> Option<Group<8>> {
    #[cfg(target_arch = "x86_64")]
    return x86::eight();
    #[cfg(not(target_arch = "x86_64"))]
    None
}

fn four() -> Option<Group<4>> {
    #[cfg(target_arch = "x86_64")]
    return Some(x86::four);
    #[cfg(target_arch = "aarch64")]
    return Some(neon::four);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    None
}

#[cfg(test)]
mod tests;
