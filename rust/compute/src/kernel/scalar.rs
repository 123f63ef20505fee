//! Java's order, one vector at a time: what the other kernels are compared with, and what is left over for.

/// A kernel for `N` vectors, each as long as the parameter; with the squares if the last argument says so.
pub(super) type Group<const N: usize> = fn(&[f32], &[&[u8]; N], bool) -> ([f32; N], [f32; N]);

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> + '_ {
    let (floats, _) = bytes.as_chunks::<4>();
    floats.iter().map(|float| f32::from_le_bytes(*float))
}

fn four(bytes: &[u8; 16]) -> [f32; 4] {
    let float =
        |at: usize| f32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    [float(0), float(4), float(8), float(12)]
}

/// The sum of products of a parameter and a vector of as many floats, little-endian, in Java's order.
pub fn dot_of(parameter: &[f32], vector: &[u8]) -> f32 {
    let (blocks, rest) = vector.as_chunks::<16>();
    let (parameters, parameter_rest) = parameter.as_chunks::<4>();
    let mut sum = 0f32;
    for (p, block) in parameters.iter().zip(blocks) {
        let v = four(block);
        sum += ((p[0] * v[0] + p[1] * v[1]) + p[2] * v[2]) + p[3] * v[3];
    }
    rest_of(sum, parameter_rest, rest)
}

/// What is left behind the last four, one by one.
pub(super) fn rest_of(mut sum: f32, parameter: &[f32], rest: &[u8]) -> f32 {
    for (p, v) in parameter.iter().zip(floats(rest)) {
        sum += p * v;
    }
    sum
}

/// The sum of squares, in the same order.
pub(super) fn squares(vector: &[u8]) -> f32 {
    let (blocks, rest) = vector.as_chunks::<16>();
    let mut sum = 0f32;
    for block in blocks {
        let v = four(block);
        sum += ((v[0] * v[0] + v[1] * v[1]) + v[2] * v[2]) + v[3] * v[3];
    }
    squares_of_rest(sum, rest)
}

pub(super) fn squares_of_rest(mut sum: f32, rest: &[u8]) -> f32 {
    for v in floats(rest) {
        sum += v * v;
    }
    sum
}

/// Appends the products, element by element, as floats.
pub fn hadamard(parameter: &[f32], vector: &[u8], out: &mut Vec<u8>) {
    out.extend(
        parameter
            .iter()
            .zip(floats(vector))
            .flat_map(|(p, v)| (p * v).to_le_bytes()),
    );
}
