//! Which thread this is, for the price of one instruction.
// #[HotPath]

/// Tells the calling thread from every other one that runs: the address that the platform's register
/// for threads holds, which belongs to a thread for its life. Rust's own way to it, a thread-local
/// variable, is a call in a library that a JVM loads.
#[inline(always)]
pub(crate) fn current() -> usize {
    platform::current()
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod platform {
    #[inline(always)]
    pub(super) fn current() -> usize {
        let pointer: usize;
        // SAFETY: reads a word of the thread's own. By the System V ABI (ELF Handling For
        // Thread-Local Storage, 3.4.6) the first word of the thread control block is its address.
        unsafe {
            std::arch::asm!(
                "mov {}, qword ptr fs:[0]",
                out(reg) pointer,
                options(nostack, preserves_flags, readonly, pure),
            );
        }
        pointer
    }
}

#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
mod platform {
    #[inline(always)]
    pub(super) fn current() -> usize {
        let pointer: usize;
        // SAFETY: reads a register, which user code may (ABI for the Arm 64-bit Architecture, 3.1).
        unsafe {
            std::arch::asm!(
                "mrs {}, tpidr_el0",
                out(reg) pointer,
                options(nostack, preserves_flags, nomem, pure),
            );
        }
        pointer
    }
}

/// Where no register is promised to programs (macOS keeps its own for itself).
#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod platform {
    pub(super) fn current() -> usize {
        crate::handles::hazard_slots::HazardSlots::current().id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_told_from_each_other() {
        assert_eq!(current(), current());
        // All run at once: one that has ended may leave its number to another.
        let barrier = std::sync::Barrier::new(8);
        let mut all: Vec<usize> = std::thread::scope(|threads| {
            let one = || {
                let me = current();
                barrier.wait();
                me
            };
            let running: Vec<_> = (0..8).map(|_| threads.spawn(one)).collect();
            running.into_iter().map(|one| one.join().unwrap()).collect()
        });
        all.push(current());
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 9);
    }
}
