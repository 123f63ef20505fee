//! Memory that was freed, and that the allocator keeps.
//!
//! The allocator is the process's own, glibc's mostly; what it keeps can be asked of it, what it is like
//! is not ours to change.

/// Gives the system back what the allocator keeps of freed memory: whole pages between what is in use, in
/// each of its arenas. It takes a system call for each run of free pages, and threads that allocate from
/// the same arena wait meanwhile, so it is nothing for a server at ease. Where the C library is not glibc, nothing happens.
pub fn give_back_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        extern "C" {
            fn malloc_trim(pad: usize) -> std::ffi::c_int;
        }
        // SAFETY: it takes a number and touches only what is free, under the allocator's own locks; any
        // thread may call it at any time (MT-Safe, malloc_trim(3)).
        unsafe { malloc_trim(0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_stays() {
        let kept: Vec<Vec<u8>> = (0..1000u32).map(|at| vec![at as u8; 5000]).collect();
        let (kept, freed): (Vec<_>, Vec<_>) = kept.into_iter().partition(|bytes| bytes[0] % 2 == 0);
        drop(freed);
        give_back_freed_memory();
        for bytes in kept {
            assert!(bytes[0] % 2 == 0 && bytes.iter().all(|byte| *byte == bytes[0]));
        }
    }
}
