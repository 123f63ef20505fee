//! Kernels for x86-64: four vectors in the lanes of SSE, which every such processor has, eight in those of AVX2.
//!
//! Each vector brings four floats, which are multiplied with the parameter's. The products are transposed, so that a
//! register has the first product of each vector, the next one the second, and are added as Java does.

#![allow(
    unsafe_code,
    reason = "registers are filled from memory, and AVX is asked for at run time"
)]

use std::arch::asm;
use std::arch::x86_64::*;

use super::scalar::{rest_of, squares_of_rest, Group};

#[inline(always)]
fn load(bytes: &[u8; 16]) -> __m128 {
    // SAFETY: SSE is there on every x86-64; 16 bytes can be read, at any alignment.
    unsafe { _mm_loadu_ps(bytes.as_ptr().cast()) }
}

#[inline(always)]
fn load_parameter(floats: &[f32; 4]) -> __m128 {
    // SAFETY: SSE is there on every x86-64; four floats can be read.
    unsafe { _mm_loadu_ps(floats.as_ptr()) }
}

/// Adds to each lane's sum the four products of its vector, from left to right.
#[inline(always)]
fn add4(sum: __m128, products: [__m128; 4]) -> __m128 {
    let [a, b, c, d] = products;
    // SAFETY: SSE is there on every x86-64.
    unsafe {
        let ab_low = _mm_unpacklo_ps(a, b);
        let cd_low = _mm_unpacklo_ps(c, d);
        let ab_high = _mm_unpackhi_ps(a, b);
        let cd_high = _mm_unpackhi_ps(c, d);
        let first = _mm_movelh_ps(ab_low, cd_low);
        let second = _mm_movehl_ps(cd_low, ab_low);
        let third = _mm_movelh_ps(ab_high, cd_high);
        let fourth = _mm_movehl_ps(cd_high, ab_high);
        let four = _mm_add_ps(_mm_add_ps(_mm_add_ps(first, second), third), fourth);
        _mm_add_ps(sum, four)
    }
}

#[inline(always)]
fn times(a: __m128, b: __m128) -> __m128 {
    // SAFETY: SSE is there on every x86-64.
    unsafe { _mm_mul_ps(a, b) }
}

#[inline(always)]
fn lanes_of(sum: __m128) -> [f32; 4] {
    let mut lanes = [0f32; 4];
    // SAFETY: SSE is there on every x86-64; four floats can be written.
    unsafe { _mm_storeu_ps(lanes.as_mut_ptr(), sum) };
    lanes
}

/// Four vectors.
pub(super) fn four(parameter: &[f32], vectors: &[&[u8]; 4], norms: bool) -> ([f32; 4], [f32; 4]) {
    match norms {
        true => four_of::<true>(parameter, vectors),
        false => four_of::<false>(parameter, vectors),
    }
}

fn four_of<const NORMS: bool>(parameter: &[f32], vectors: &[&[u8]; 4]) -> ([f32; 4], [f32; 4]) {
    let (parameters, parameter_rest) = parameter.as_chunks::<4>();
    let blocks = parameters.len();
    let rows = (*vectors).map(|vector| &vector.as_chunks::<16>().0[..blocks]);
    // SAFETY: SSE is there on every x86-64.
    let (mut dots, mut squares) = unsafe { (_mm_setzero_ps(), _mm_setzero_ps()) };
    for block in 0..blocks {
        let p = load_parameter(&parameters[block]);
        let v = rows.map(|row| load(&row[block]));
        dots = add4(dots, v.map(|v| times(p, v)));
        if NORMS {
            squares = add4(squares, v.map(|v| times(v, v)));
        }
    }
    let (mut dots, mut squares) = (lanes_of(dots), lanes_of(squares));
    rests::<NORMS>(parameter_rest, vectors, &mut dots, &mut squares);
    (dots, squares)
}

/// What is left behind the last four floats of each vector.
#[inline(always)]
fn rests<const NORMS: bool>(
    parameter_rest: &[f32],
    vectors: &[&[u8]],
    dots: &mut [f32],
    squares: &mut [f32],
) {
    if parameter_rest.is_empty() {
        return;
    }
    for (lane, vector) in vectors.iter().enumerate() {
        let rest = &vector[vector.len() - 4 * parameter_rest.len()..];
        dots[lane] = rest_of(dots[lane], parameter_rest, rest);
        if NORMS {
            squares[lane] = squares_of_rest(squares[lane], rest);
        }
    }
}

/// The kernel for eight vectors, if the processor has AVX2.
pub(super) fn eight() -> Option<Group<8>> {
    fn call(parameter: &[f32], vectors: &[&[u8]; 8], norms: bool) -> ([f32; 8], [f32; 8]) {
        // SAFETY: this function is handed out when the processor has AVX2, and only then; `sums`, which alone calls it,
        // has checked that the vectors are as long as the parameter.
        unsafe {
            match norms {
                true => eight_avx2::<true>(parameter, vectors),
                false => eight_avx2::<false>(parameter, vectors),
            }
        }
    }
    is_x86_feature_detected!("avx2").then_some(call as Group<8>)
}

/// Eight floats from `at` on, at any alignment, by one instruction: compilers make two loads and an insertion of one for
/// processors of before 2013, which have no AVX2.
///
/// # Safety
///
/// Eight floats can be read there.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load_eight(at: *const u8) -> __m256 {
    let out;
    // SAFETY: the instruction reads 32 bytes, which the caller vouches for, and comes with AVX, which AVX2 has.
    unsafe {
        asm!(
            "vmovups {out}, ymmword ptr [{at}]",
            out = lateout(ymm_reg) out,
            at = in(reg) at,
            options(pure, readonly, nostack, preserves_flags),
        );
    }
    out
}

/// The lanes of `b` that `LANES` has bits for, the others of `a`.
///
/// As an instruction by itself: a compiler that sees what it does makes one shuffle of a shuffle and a blend, which is one
/// instruction less. But processors shuffle by one unit, and blend by any.
#[inline]
#[target_feature(enable = "avx2")]
fn blend<const LANES: i32>(a: __m256, b: __m256) -> __m256 {
    let out;
    // SAFETY: the instruction reads and writes these registers alone, and comes with AVX, which AVX2 has.
    unsafe {
        asm!(
            "vblendps {out}, {a}, {b}, {lanes}",
            out = lateout(ymm_reg) out,
            a = in(ymm_reg) a,
            b = in(ymm_reg) b,
            lanes = const LANES,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    out
}

/// The lower halves of `a` and `b` beside each other in each half of a register, and the upper ones.
#[inline]
#[target_feature(enable = "avx2")]
fn halves(a: __m256, b: __m256) -> (__m256, __m256) {
    let between = _mm256_shuffle_ps::<0b01_00_11_10>(a, b);
    (
        blend::<0b1100_1100>(a, between),
        blend::<0b1100_1100>(between, b),
    )
}

/// The sums of each four products, from left to right: in the lower half of the result those of four vectors, in the upper
/// half those of four others, or of the same four and their next products.
#[inline]
#[target_feature(enable = "avx2")]
fn fours(products: [__m256; 4]) -> __m256 {
    let [a, b, c, d] = products;
    let (first, second) = halves(_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
    let (third, fourth) = halves(_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
    _mm256_add_ps(_mm256_add_ps(_mm256_add_ps(first, second), third), fourth)
}

/// Adds to each lane's sum eight products of its vector: the first four, then the others.
#[inline]
#[target_feature(enable = "avx2")]
fn add_eight(sum: __m256, products: [__m256; 8]) -> __m256 {
    let [a, b, c, d, e, f, g, h] = products;
    let low = fours([a, b, c, d]);
    let high = fours([e, f, g, h]);
    let between = _mm256_permute2f128_ps::<0x21>(low, high);
    let first = blend::<0b1111_0000>(low, between);
    let second = blend::<0b1111_0000>(between, high);
    _mm256_add_ps(_mm256_add_ps(sum, first), second)
}

/// Eight vectors, each of four bytes for each element of the parameter. Eight floats of a vector are one load, so a
/// register has two times four products of one vector; where four are left, those of two vectors.
///
/// # Safety
///
/// The vectors are not shorter.
#[target_feature(enable = "avx2")]
unsafe fn eight_avx2<const NORMS: bool>(
    parameter: &[f32],
    vectors: &[&[u8]; 8],
) -> ([f32; 8], [f32; 8]) {
    let rows = (*vectors).map(<[u8]>::as_ptr);
    let (mut dots, mut squares) = (_mm256_setzero_ps(), _mm256_setzero_ps());
    let (parameters, parameter_rest) = parameter.as_chunks::<8>();
    for (block, p) in parameters.iter().enumerate() {
        // SAFETY: eight floats can be read from there on, of the parameter and of each vector.
        let (p, v) = unsafe {
            let v = rows.map(|row| load_eight(row.add(32 * block)));
            (load_eight(p.as_ptr().cast()), v)
        };
        dots = add_eight(dots, v.map(|v| _mm256_mul_ps(p, v)));
        if NORMS {
            squares = add_eight(squares, v.map(|v| _mm256_mul_ps(v, v)));
        }
    }
    let (four, parameter_rest) = parameter_rest.as_chunks::<4>();
    if let [p] = four {
        let at = 32 * parameters.len();
        let p = load_parameter(p);
        let p = _mm256_set_m128(p, p);
        let v = [0, 1, 2, 3].map(|lane| {
            // SAFETY: four floats of each vector can be read from here on.
            unsafe {
                let low = _mm_loadu_ps(rows[lane].add(at).cast());
                let high = _mm_loadu_ps(rows[lane + 4].add(at).cast());
                _mm256_set_m128(high, low)
            }
        });
        dots = _mm256_add_ps(dots, fours(v.map(|v| _mm256_mul_ps(p, v))));
        if NORMS {
            squares = _mm256_add_ps(squares, fours(v.map(|v| _mm256_mul_ps(v, v))));
        }
    }
    let (mut dot_lanes, mut square_lanes) = ([0f32; 8], [0f32; 8]);
    // SAFETY: eight floats can be written to each.
    unsafe {
        _mm256_storeu_ps(dot_lanes.as_mut_ptr(), dots);
        _mm256_storeu_ps(square_lanes.as_mut_ptr(), squares);
    }
    rests::<NORMS>(parameter_rest, vectors, &mut dot_lanes, &mut square_lanes);
    (dot_lanes, square_lanes)
}

/// [`super::fast`] in four registers of eight floats, if the processor has them.
pub(super) fn fast(parameter: &[f32], vector: &[u8], norms: bool) -> Option<(f32, f32)> {
    is_x86_feature_detected!("avx2").then(|| {
        // SAFETY: the processor has AVX2.
        let dot = unsafe { fast_avx2::<false>(parameter, vector) };
        let norm = match norms {
            // SAFETY: as above.
            true => unsafe { fast_avx2::<true>(parameter, vector) },
            false => 0.0,
        };
        (dot, norm)
    })
}

/// The sum of products, or of the vector's squares.
#[target_feature(enable = "avx2")]
fn fast_avx2<const SQUARES: bool>(parameter: &[f32], vector: &[u8]) -> f32 {
    let (parameters, parameter_rest) = parameter.as_chunks::<32>();
    let (blocks, rest) = vector.as_chunks::<128>();
    let mut sums = [_mm256_setzero_ps(); 4];
    for (p, block) in parameters.iter().zip(blocks) {
        for (part, sum) in sums.iter_mut().enumerate() {
            // SAFETY: eight floats can be read from here on, of 32 in each.
            let (p, v) = unsafe {
                let v = _mm256_loadu_ps(block.as_ptr().add(32 * part).cast());
                (_mm256_loadu_ps(p.as_ptr().add(8 * part)), v)
            };
            let p = if SQUARES { v } else { p };
            *sum = _mm256_add_ps(*sum, _mm256_mul_ps(p, v));
        }
    }
    let [a, b, c, d] = sums;
    let all = _mm256_add_ps(_mm256_add_ps(a, b), _mm256_add_ps(c, d));
    let halves = _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps::<1>(all));
    let [a, b, c, d] = lanes_of(halves);
    let sum = (a + b) + (c + d);
    match SQUARES {
        true => squares_of_rest(sum, rest),
        false => rest_of(sum, parameter_rest, rest),
    }
}
