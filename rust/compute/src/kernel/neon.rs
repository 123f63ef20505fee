//! The kernel for 64-bit ARM: four vectors in the lanes of NEON, which every such processor has. It works as that of
//! x86-64.

#![allow(unsafe_code, reason = "registers are filled from memory")]

use std::arch::aarch64::*;

use super::scalar::{rest_of, squares_of_rest};

#[inline(always)]
fn load(bytes: &[u8; 16]) -> float32x4_t {
    // SAFETY: NEON is there on every 64-bit ARM; 16 bytes can be read, at any alignment.
    unsafe { vreinterpretq_f32_u8(vld1q_u8(bytes.as_ptr())) }
}

#[inline(always)]
fn load_parameter(floats: &[f32; 4]) -> float32x4_t {
    // SAFETY: NEON is there on every 64-bit ARM; four floats can be read.
    unsafe { vld1q_f32(floats.as_ptr()) }
}

#[inline(always)]
fn times(a: float32x4_t, b: float32x4_t) -> float32x4_t {
    // SAFETY: NEON is there on every 64-bit ARM.
    unsafe { vmulq_f32(a, b) }
}

/// Adds to each lane's sum the four products of its vector, from left to right.
#[inline(always)]
fn add4(sum: float32x4_t, products: [float32x4_t; 4]) -> float32x4_t {
    let [a, b, c, d] = products;
    // SAFETY: NEON is there on every 64-bit ARM.
    unsafe {
        // a0 b0 a2 b2, a1 b1 a3 b3, and the same of c and d.
        let ab_even = vreinterpretq_f64_f32(vtrn1q_f32(a, b));
        let ab_odd = vreinterpretq_f64_f32(vtrn2q_f32(a, b));
        let cd_even = vreinterpretq_f64_f32(vtrn1q_f32(c, d));
        let cd_odd = vreinterpretq_f64_f32(vtrn2q_f32(c, d));
        let first = vreinterpretq_f32_f64(vtrn1q_f64(ab_even, cd_even));
        let second = vreinterpretq_f32_f64(vtrn1q_f64(ab_odd, cd_odd));
        let third = vreinterpretq_f32_f64(vtrn2q_f64(ab_even, cd_even));
        let fourth = vreinterpretq_f32_f64(vtrn2q_f64(ab_odd, cd_odd));
        let four = vaddq_f32(vaddq_f32(vaddq_f32(first, second), third), fourth);
        vaddq_f32(sum, four)
    }
}

#[inline(always)]
fn lanes_of(sum: float32x4_t) -> [f32; 4] {
    let mut lanes = [0f32; 4];
    // SAFETY: NEON is there on every 64-bit ARM; four floats can be written.
    unsafe { vst1q_f32(lanes.as_mut_ptr(), sum) };
    lanes
}

/// Four vectors.
pub(super) fn four(parameter: &[f32], vectors: &[&[u8]; 4], norms: bool) -> ([f32; 4], [f32; 4]) {
    let (parameters, parameter_rest) = parameter.as_chunks::<4>();
    let blocks = parameters.len();
    let rows = (*vectors).map(|vector| &vector.as_chunks::<16>().0[..blocks]);
    let zero = load_parameter(&[0.0; 4]);
    let (mut dots, mut squares) = (zero, zero);
    for block in 0..blocks {
        let p = load_parameter(&parameters[block]);
        let v = rows.map(|row| load(&row[block]));
        dots = add4(dots, v.map(|v| times(p, v)));
        if norms {
            squares = add4(squares, v.map(|v| times(v, v)));
        }
    }
    let (mut dots, mut squares) = (lanes_of(dots), lanes_of(squares));
    for (lane, vector) in vectors.iter().enumerate() {
        let rest = &vector[16 * blocks..];
        dots[lane] = rest_of(dots[lane], parameter_rest, rest);
        if norms {
            squares[lane] = squares_of_rest(squares[lane], rest);
        }
    }
    (dots, squares)
}
