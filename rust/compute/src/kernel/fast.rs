//! Many sums at once, which are added in the end: `Order::Fast`.

/// Sums that go on beside each other: eight registers of four.
const SUMS: usize = 32;

/// The sum of products and, if wanted, that of squares. The compiler makes of it what the target has.
#[inline(always)]
pub(super) fn sums_of(parameter: &[f32], vector: &[u8], norms: bool) -> (f32, f32) {
    let dot = sum(parameter, vector, |p, v| p * v);
    let norm = match norms {
        true => sum(parameter, vector, |_, v| v * v),
        false => 0.0,
    };
    (dot, norm)
}

#[inline(always)]
fn sum(parameter: &[f32], vector: &[u8], product: impl Fn(f32, f32) -> f32) -> f32 {
    let (floats, _) = vector.as_chunks::<4>();
    let (blocks, rest) = floats.as_chunks::<SUMS>();
    let (parameters, parameter_rest) = parameter.as_chunks::<SUMS>();
    let mut sums = [0f32; SUMS];
    for (p, block) in parameters.iter().zip(blocks) {
        for lane in 0..SUMS {
            sums[lane] += product(p[lane], f32::from_le_bytes(block[lane]));
        }
    }
    for (lane, (p, v)) in parameter_rest.iter().zip(rest).enumerate() {
        sums[lane] += product(*p, f32::from_le_bytes(*v));
    }
    let mut width = SUMS / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}
