//! A process for each part of a test that measures the memory of the process: what a part before had freed would stay with it, in as
//! many arenas of the allocator as that had threads.

use std::env;
use std::process::Command;

/// Names the part that the process is for.
const PART: &str = "VENICE_TEST_PART";

/// Runs `part` for each of `names`, in a process of its own that runs the same `test`.
pub(crate) fn each(test: &str, names: &[&str], part: impl FnOnce(&str)) {
    if let Ok(name) = env::var(PART) {
        return part(&name);
    }
    let failed = names.iter().filter(|name| {
        let mut one = Command::new(env::current_exe().unwrap());
        one.args(["--exact", test, "--nocapture"]).env(PART, name);
        !one.status().unwrap().success()
    });
    let failed: Vec<_> = failed.collect();
    assert!(failed.is_empty(), "{failed:?}");
}
