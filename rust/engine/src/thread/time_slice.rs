//! The time slice of a thread: the same share of the processor, with lower wake-up latency (EEVDF).

use std::io;
use std::time::Duration;

/// Gives the calling thread time slices of `slice`, which Linux rounds to 100 us at least and 100 ms at
/// most, in place of the system's own, some milliseconds.
///
/// It gets no more of a processor than others, but gets it sooner: a thread that wakes takes the
/// processor from one with a longer slice as soon as it is its turn by the time that both have had,
/// not when the other's slice ends. Needs no right. Linux has it since 6.12 (`sched_setattr(2)`,
/// `sched_runtime` of `SCHED_OTHER`); before, it changes nothing, and neither does it for a thread
/// of another policy.
///
/// # Errors
///
/// What the system says, such as a sandbox that allows no such call; `Unsupported` elsewhere.
pub fn set_time_slice(slice: Duration) -> io::Result<()> {
    system::set(slice)
}

#[cfg(target_os = "linux")]
mod system {
    use super::*;

    const SIZE: u32 = size_of::<libc::sched_attr>() as u32;
    const THIS_THREAD: libc::pid_t = 0;
    const NO_FLAGS: libc::c_uint = 0;

    fn checked(result: libc::c_long) -> io::Result<()> {
        if result == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    pub(super) fn get() -> io::Result<libc::sched_attr> {
        let mut attributes = libc::sched_attr {
            size: SIZE,
            sched_policy: 0,
            sched_flags: 0,
            sched_nice: 0,
            sched_priority: 0,
            sched_runtime: 0,
            sched_deadline: 0,
            sched_period: 0,
        };
        // SAFETY: fills at most so many bytes of `attributes`.
        let result = unsafe {
            libc::syscall(
                libc::SYS_sched_getattr,
                THIS_THREAD,
                &raw mut attributes,
                SIZE,
                NO_FLAGS,
            )
        };
        checked(result).map(|()| attributes)
    }

    pub(super) fn set(slice: Duration) -> io::Result<()> {
        // Its weight stays.
        let mut attributes = get()?;
        if attributes.sched_policy != libc::SCHED_OTHER as u32 {
            return Ok(());
        }
        attributes.sched_runtime = slice.as_nanos() as u64;
        // SAFETY: reads as many bytes of `attributes` as its field `size` says, which is SIZE at most.
        let result = unsafe {
            libc::syscall(
                libc::SYS_sched_setattr,
                THIS_THREAD,
                &raw const attributes,
                NO_FLAGS,
            )
        };
        checked(result)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::*;

    pub(super) fn set(_: Duration) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_slice_is_of_its_thread_alone() {
        let before = system::get().unwrap();
        let inside = std::thread::spawn(|| {
            set_time_slice(Duration::from_micros(300)).unwrap();
            system::get().unwrap()
        });
        let inside = inside.join().unwrap();
        // A Linux before 6.12 tells of no slices, and has none.
        if before.sched_runtime != 0 {
            assert_eq!(inside.sched_runtime, 300_000);
        }
        assert_eq!(inside.sched_nice, before.sched_nice);
        assert_eq!(system::get().unwrap().sched_runtime, before.sched_runtime);
    }
}
