//! One line of the processor's cache.
// #[HotPath]

/// What a cache fetches at a time, on both architectures.
pub(crate) const LINE: usize = 64;

/// Begins to fetch the line at this address.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn prefetch_line(line: *const u8) {
    use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
    // SAFETY: a hint: it changes nothing and cannot fail, whatever the address.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) };
}

#[cfg(target_arch = "aarch64")]
#[inline]
pub(crate) fn prefetch_line(line: *const u8) {
    // SAFETY: a hint: it changes nothing and cannot fail, whatever the address.
    unsafe {
        std::arch::asm!(
            "prfm pldl1keep, [{line}]",
            line = in(reg) line,
            options(nostack, preserves_flags, readonly),
        );
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[inline]
pub(crate) fn prefetch_line(_: *const u8) {}
