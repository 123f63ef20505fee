//! Kernels against a plain transcription of Java's loop, bit by bit.

use proptest::prelude::*;

use super::*;

fn bytes(floats: &[f32]) -> Vec<u8> {
    floats
        .iter()
        .flat_map(|float| float.to_le_bytes())
        .collect()
}

/// `ComputeUtils.dotProduct`, by index.
fn java(a: &[f32], b: &[f32]) -> f32 {
    let mut sum = 0f32;
    let limit = (a.len() >> 2) << 2;
    let mut i = 0;
    while i < limit {
        let products = [
            a[i] * b[i],
            a[i + 1] * b[i + 1],
            a[i + 2] * b[i + 2],
            a[i + 3] * b[i + 3],
        ];
        sum += products[0] + products[1] + products[2] + products[3];
        i += 4;
    }
    while i < a.len() {
        sum += a[i] * b[i];
        i += 1;
    }
    sum
}

/// Bits, with one form of NaN.
fn bits(float: f32) -> u32 {
    match float.is_nan() {
        true => f32::NAN.to_bits(),
        false => float.to_bits(),
    }
}

fn float() -> impl Strategy<Value = f32> {
    prop_oneof![
        10 => -1f32..1.0,
        4 => any::<f32>(),
        1 => Just(0.0),
        1 => Just(-0.0),
        1 => Just(f32::MIN_POSITIVE / 3.0),
    ]
}

fn vectors() -> impl Strategy<Value = (Vec<f32>, Vec<Vec<f32>>)> {
    (0usize..70, 0usize..=LANES).prop_flat_map(|(length, count)| {
        let vector = || prop::collection::vec(float(), length);
        (vector(), prop::collection::vec(vector(), count))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_lane_has_javas_bits((parameter, vectors) in vectors()) {
        let encoded: Vec<Vec<u8>> = vectors.iter().map(|vector| bytes(vector)).collect();
        let slices: Vec<&[u8]> = encoded.iter().map(Vec::as_slice).collect();
        for norms in [false, true] {
            let sums = sums(Order::Java, &parameter, &slices, norms);
            for (lane, vector) in vectors.iter().enumerate() {
                prop_assert_eq!(bits(sums.dots[lane]), bits(java(&parameter, vector)));
                prop_assert_eq!(bits(dot_of(&parameter, &encoded[lane])), bits(java(&parameter, vector)));
                if norms {
                    prop_assert_eq!(bits(sums.norms[lane]), bits(java(vector, vector)));
                    prop_assert_eq!(bits(scalar::squares(&encoded[lane])), bits(java(vector, vector)));
                }
            }
        }
    }

    #[test]
    fn groups_have_javas_bits((parameter, vectors) in vectors()) {
        let encoded: Vec<Vec<u8>> = vectors.iter().map(|vector| bytes(vector)).collect();
        // The kernel that this processor would not choose, too.
        if let (Some(group), true) = (four(), encoded.len() >= 4) {
            let lanes = [0, 1, 2, 3].map(|lane| encoded[lane].as_slice());
            let (dots, norms) = group(&parameter, &lanes, true);
            for lane in 0..4 {
                prop_assert_eq!(bits(dots[lane]), bits(java(&parameter, &vectors[lane])));
                prop_assert_eq!(bits(norms[lane]), bits(java(&vectors[lane], &vectors[lane])));
            }
        }
    }

    #[test]
    fn the_fast_order_is_within_its_bound(
        pairs in prop::collection::vec((-1e3f32..1e3, -1e3f32..1e3), 0..600)
    ) {
        let (parameter, vector): (Vec<f32>, Vec<f32>) = pairs.iter().copied().unzip();
        let encoded = bytes(&vector);
        let fast = sums(Order::Fast, &parameter, &[&encoded], true);
        let (portable_dot, portable_norm) = fast::sums_of(&parameter, &encoded, true);
        let magnitude = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(a, b)| (f64::from(*a) * f64::from(*b)).abs()).sum()
        };
        let within = |fast: f32, java: f32, magnitude: f64| {
            (f64::from(fast) - f64::from(java)).abs() <= fast_bound(pairs.len()) * magnitude
        };
        let dot = java(&parameter, &vector);
        let norm = java(&vector, &vector);
        for (a, b) in [(fast.dots[0], fast.norms[0]), (portable_dot, portable_norm)] {
            prop_assert!(within(a, dot, magnitude(&parameter, &vector)), "{} {}", a, dot);
            prop_assert!(within(b, norm, magnitude(&vector, &vector)), "{} {}", b, norm);
        }
    }

    #[test]
    fn products_are_javas((parameter, vectors) in vectors()) {
        for vector in &vectors {
            let mut out = Vec::new();
            hadamard(&parameter, &bytes(vector), &mut out);
            let products: Vec<u32> = parameter.iter().zip(vector).map(|(p, v)| bits(p * v)).collect();
            let written: Vec<u32> = out
                .as_chunks::<4>().0.iter().map(|float| bits(f32::from_le_bytes(*float))).collect();
            prop_assert_eq!(written, products);
        }
    }
}

#[test]
#[should_panic(expected = "a vector's bytes")]
fn vectors_of_another_size_are_refused() {
    sums(Order::Java, &[1.0], &[&[0; 8]], false);
}

/// Else nothing of the above has tried a kernel.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[test]
fn this_processor_has_a_kernel() {
    assert!(four().is_some());
}
