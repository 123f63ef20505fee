//! Lists of processors, as Linux writes them.

/// Processors have numbers below this one: what Linux's `cpu_set_t` has room for.
const MAX_CPUS: usize = 1024;

/// Whether threads can be told anything of processors and nice values.
pub(crate) const ON_LINUX: bool = cfg!(target_os = "linux");

/// Reads a list as Linux writes it, `0-3,8`: numbers and ranges, in the order of the workers.
/// `None` if it is none, or is empty, or has a number above 1023.
pub(crate) fn cpus(list: &str) -> Option<Vec<usize>> {
    let number = |text: &str| {
        let number = text.trim().parse().ok();
        number.filter(|&cpu: &usize| cpu < MAX_CPUS)
    };
    let mut cpus = Vec::new();
    for part in list.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return None;
        }
        cpus.extend(first..=last);
    }
    Some(cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_processors() {
        assert_eq!(cpus("0"), Some(vec![0]));
        assert_eq!(cpus("2,0-1, 5 - 6"), Some(vec![2, 0, 1, 5, 6]));
        assert_eq!(cpus("1023"), Some(vec![1023]));
        for bad in ["", ",", "1,", "-1", "1-", "3-2", "1024", "all", "0-1-2"] {
            assert_eq!(cpus(bad), None, "{bad:?}");
        }
    }
}
