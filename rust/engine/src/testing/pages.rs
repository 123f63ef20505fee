//! Pages of plain tables that are taken out of memory.

use crate::testing::{ffi, TestStoreVersion};

impl TestStoreVersion {
    /// Has no page of a partition's plain tables known as in memory, as if the system had taken all of them and had been
    /// asked since.
    pub fn forget_pages(&self, partition: i32) {
        // SAFETY: open, as the lock is held.
        self.with_db(partition, |db| unsafe {
            ffi::venice_testing_forget_pages(db)
        });
    }

    /// Has the system take the pages of a partition's plain tables that are in files, as it does when memory is short.
    #[cfg(target_os = "linux")]
    pub fn evict(&self, partition: i32) {
        use std::os::fd::AsRawFd;

        let folder = self.path(partition);
        let maps = std::fs::read_to_string("/proc/self/maps").expect("the maps of this process");
        for line in maps.lines() {
            let Some(at) = line.find('/') else { continue };
            let path = std::path::Path::new(&line[at..]);
            if !path.starts_with(&folder) {
                continue;
            }
            let (range, _) = line.split_once(' ').expect("a range");
            let (begin, end) = range.split_once('-').expect("two addresses");
            let address = |hex| usize::from_str_radix(hex, 16).expect("an address");
            let (begin, end) = (address(begin), address(end));
            let file = std::fs::File::open(path).expect("a table");
            // What is not written yet stays, and so does what is mapped.
            file.sync_all().expect("a table that is written");
            // SAFETY: a file that is mapped for reading: what is unmapped is read from it again.
            let unmapped =
                unsafe { libc::madvise(begin as *mut _, end - begin, libc::MADV_DONTNEED) };
            assert_eq!(unmapped, 0, "{path:?}");
            // SAFETY: an open file.
            let taken =
                unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
            assert_eq!(taken, 0, "{path:?}");
        }
    }
}
