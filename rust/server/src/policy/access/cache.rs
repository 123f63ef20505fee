//! The access decisions that are known, or asked for: a table of a bounded number of entries, and of
//! bytes.
//!
//! Decisions that let somebody in are kept apart from all others. So who asks for stores that he may
//! not read, or that do not exist, as often as he likes, pushes nobody's permission out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::policy::access::decision::AccessResult;

/// What is asked of Java.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The client's certificate, DER of X.509.
    pub certificate: Arc<[u8]>,
    /// The store, not its version.
    pub store: Box<str>,
    /// As the request has it: `GET` or `POST`.
    pub method: Box<str>,
}

/// A subject and what is known of it.
///
/// Requests read it without a lock. What is marked as *locked* changes under the lock of the table
/// only.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) subject: Arc<Subject>,
    /// What the table counts for it.
    bytes: usize,
    /// The code of an answer in the low bits, above it the time (ms) until which it holds; 0 is
    /// nothing.
    known: AtomicU64,
    /// The text of an answer that has one.
    text: Mutex<Arc<str>>,
    /// A request looked at it since it was asked last.
    pub(crate) used: AtomicBool,
    /// It is in the table. An entry that is not serves those who wait for it, and no one else.
    pub(crate) in_cache: AtomicBool,
    /// Wakes those who wait for an answer.
    pub(crate) answered: Notify,
    /// Locked: it is in a queue, or a thread is asking.
    pub(crate) asking: AtomicBool,
    /// Locked: when to ask again.
    pub(crate) due: AtomicU64,
    /// Locked: when it was last seen that somebody had used it.
    pub(crate) last_used: AtomicU64,
    /// Locked: index in its segment.
    index: AtomicUsize,
    /// Locked: which segment.
    granted: AtomicBool,
}

const CODE_BITS: u32 = 3;

/// Bytes of an entry beside its names and its certificate: its own, those of the table's two slots
/// for it, what the allocator adds to each part, and the text of a failure.
const ENTRY_BYTES: usize = 640;

impl Entry {
    fn new(subject: Arc<Subject>) -> Entry {
        // Entries of one connection share a certificate. Each counts it all the same: who shares
        // with whom changes.
        let names = subject.store.len() + subject.method.len() + subject.certificate.len();
        Entry {
            bytes: ENTRY_BYTES + names,
            subject,
            known: AtomicU64::new(0),
            text: Mutex::new(Arc::from("")),
            used: AtomicBool::new(true),
            in_cache: AtomicBool::new(true),
            answered: Notify::new(),
            asking: AtomicBool::new(false),
            due: AtomicU64::new(u64::MAX),
            last_used: AtomicU64::new(0),
            index: AtomicUsize::new(0),
            granted: AtomicBool::new(false),
        }
    }

    /// The answer that holds at `now`.
    pub(crate) fn answer(&self, now: u64) -> Option<AccessResult> {
        let known = self.known.load(Ordering::Acquire);
        if known >> CODE_BITS <= now {
            return None;
        }
        Some(match known & ((1 << CODE_BITS) - 1) {
            0 => AccessResult::Granted,
            1 => AccessResult::Forbidden,
            2 => AccessResult::Unauthorized,
            3 => AccessResult::ErrorForbidden,
            4 => AccessResult::InvalidCertificate,
            _ => AccessResult::Failed(Arc::clone(&self.text.lock())),
        })
    }

    /// Until when the answer holds; 0 of none.
    pub(crate) fn holds_until(&self) -> u64 {
        self.known.load(Ordering::Relaxed) >> CODE_BITS
    }

    /// Sets the answer that holds until `until`.
    pub(crate) fn set(&self, answer: AccessResult, until: u64) {
        let code = match answer {
            AccessResult::Granted => 0,
            AccessResult::Forbidden => 1,
            AccessResult::Unauthorized => 2,
            AccessResult::ErrorForbidden => 3,
            AccessResult::InvalidCertificate => 4,
            AccessResult::Failed(text) => {
                *self.text.lock() = text;
                5
            }
        };
        let until = until.min(u64::MAX >> CODE_BITS);
        self.known
            .store(until << CODE_BITS | code, Ordering::Release);
    }

    /// Notes that somebody wants it. Written once per refresh, so that readers share its cache line
    /// in peace.
    pub(crate) fn mark_used(&self) {
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
    }
}

/// The entries, found by subject.
#[derive(Debug)]
pub(crate) struct Table {
    entries: HashMap<Arc<Subject>, Arc<Entry>>,
    granted: Segment,
    others: Segment,
}

/// Entries of one kind, of which there may be so many.
#[derive(Debug)]
struct Segment {
    members: Vec<Arc<Entry>>,
    limit: usize,
    /// Of its members together.
    bytes: usize,
    most_bytes: usize,
    /// State of the generator that picks whom to look at.
    random: u64,
}

/// Entries that are looked at to find one that is not used: of eight at least one is, if a fifth of
/// all are, in five of six cases.
const SAMPLE: usize = 8;

impl Table {
    /// Room for `limit` entries of `bytes` bytes together, a quarter of both for those that let nobody
    /// in.
    pub(crate) fn new(limit: usize, bytes: usize) -> Table {
        let mut table = Table {
            entries: HashMap::new(),
            granted: Segment::new(),
            others: Segment::new(),
        };
        table.bound(limit, bytes);
        table
    }

    /// Has room for so many from now on. What is too much goes.
    pub(crate) fn bound(&mut self, limit: usize, bytes: usize) {
        let others = (limit / 4).max(1);
        let granted = limit.saturating_sub(others).max(1);
        (self.granted.limit, self.granted.most_bytes) = (granted, bytes - bytes / 4);
        (self.others.limit, self.others.most_bytes) = (others, bytes / 4);
        for granted in [false, true] {
            while let Some(unwanted) = match granted {
                true => self.granted.excess(),
                false => self.others.excess(),
            } {
                self.drop(&unwanted);
            }
        }
    }

    /// Finds the entry of a subject, or makes one that knows nothing.
    pub(crate) fn entry(&mut self, subject: Subject) -> Arc<Entry> {
        if let Some(entry) = self.entries.get(&subject) {
            return Arc::clone(entry);
        }
        let subject = Arc::new(subject);
        let entry = Arc::new(Entry::new(Arc::clone(&subject)));
        self.entries.insert(subject, Arc::clone(&entry));
        self.add(&entry, false);
        entry
    }

    /// Puts an entry where its answer belongs.
    pub(crate) fn reclassify(&mut self, entry: &Arc<Entry>, granted: bool) {
        if entry.in_cache.load(Ordering::Relaxed)
            && entry.granted.load(Ordering::Relaxed) != granted
        {
            self.segment(entry).remove(entry);
            self.add(entry, granted);
        }
    }

    /// Calls `keep` for every entry, and drops those for which it says no.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Arc<Entry>) -> bool) {
        for granted in [false, true] {
            let members = if granted { &self.granted } else { &self.others };
            let dropped: Vec<_> = members
                .members
                .iter()
                .filter(|entry| !keep(entry))
                .cloned()
                .collect();
            for entry in dropped {
                self.drop(&entry);
            }
        }
    }

    /// When the first of the answers that hold at `now` ends.
    pub(crate) fn first_end(&self, now: u64) -> Option<u64> {
        let ends = self.entries.values().map(|entry| entry.holds_until());
        ends.filter(|end| *end > now).min()
    }

    /// Number of entries.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    fn add(&mut self, entry: &Arc<Entry>, granted: bool) {
        entry.granted.store(granted, Ordering::Relaxed);
        while let Some(unwanted) = self.segment(entry).victim(entry.bytes) {
            self.drop(&unwanted);
        }
        self.segment(entry).push(entry);
    }

    /// Bytes of all entries.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.granted.bytes + self.others.bytes
    }

    fn drop(&mut self, entry: &Arc<Entry>) {
        entry.in_cache.store(false, Ordering::Release);
        self.segment(entry).remove(entry);
        self.entries.remove(&entry.subject);
    }

    fn segment(&mut self, entry: &Entry) -> &mut Segment {
        if entry.granted.load(Ordering::Relaxed) {
            &mut self.granted
        } else {
            &mut self.others
        }
    }
}

impl Segment {
    fn new() -> Segment {
        Segment {
            members: Vec::new(),
            limit: 0,
            bytes: 0,
            most_bytes: 0,
            random: 0x9E37_79B9_7F4A_7C15,
        }
    }

    fn push(&mut self, entry: &Arc<Entry>) {
        entry.index.store(self.members.len(), Ordering::Relaxed);
        self.bytes += entry.bytes;
        self.members.push(Arc::clone(entry));
    }

    fn remove(&mut self, entry: &Entry) {
        let index = entry.index.load(Ordering::Relaxed);
        self.bytes -= entry.bytes;
        self.members.swap_remove(index);
        if let Some(moved) = self.members.get(index) {
            moved.index.store(index, Ordering::Relaxed);
        }
    }

    /// Who has to go where there is too much.
    fn excess(&mut self) -> Option<Arc<Entry>> {
        let too_much = self.members.len() > self.limit || self.bytes > self.most_bytes;
        if too_much {
            self.pick()
        } else {
            None
        }
    }

    /// Who has to go before one of so many bytes comes: one that is not used, if a few looks find one.
    fn victim(&mut self, bytes: usize) -> Option<Arc<Entry>> {
        let fits = self.members.len() < self.limit && self.bytes + bytes <= self.most_bytes;
        if fits {
            None
        } else {
            self.pick()
        }
    }

    /// One that is not used, if a few looks find one.
    fn pick(&mut self) -> Option<Arc<Entry>> {
        if self.members.is_empty() {
            return None;
        }
        let mut victim = None;
        for _ in 0..SAMPLE {
            let entry = &self.members[self.random as usize % self.members.len()];
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            if !entry.used.load(Ordering::Relaxed) {
                return Some(Arc::clone(entry));
            }
            victim = Some(entry);
        }
        victim.cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So that entries, not bytes, are what there is too much of.
    const PLENTY: usize = 1 << 30;

    fn subject(store: usize) -> Subject {
        Subject {
            certificate: Arc::from(&b"certificate"[..]),
            store: store.to_string().into(),
            method: "GET".into(),
        }
    }

    #[test]
    fn another_bound_holds_at_once() {
        let mut table = Table::new(100, PLENTY);
        let fill = |table: &mut Table| {
            for store in 0..200 {
                let entry = table.entry(subject(store));
                table.reclassify(&entry, store % 2 == 0);
            }
            table.len()
        };
        assert_eq!(fill(&mut table), 100);
        table.bound(8, PLENTY);
        assert_eq!((table.len(), fill(&mut table)), (8, 8));
        let bytes = table.bytes();
        table.bound(100, bytes / 2);
        assert!(table.bytes() <= bytes / 2 && table.len() < 8);
        table.bound(1000, PLENTY);
        assert_eq!(fill(&mut table), 200);
    }

    #[test]
    fn names_and_certificates_have_a_bound_in_bytes() {
        const BYTES: usize = 1024 * 1024;
        let mut table = Table::new(10_000, BYTES);
        let mut entries = Vec::new();
        let mut most = 0;
        for store in 0..3000 {
            let entry = table.entry(Subject {
                certificate: Arc::from(vec![7; store % 5 * 10_000]),
                store: "s".repeat(store % 230).into(),
                method: store.to_string().into(),
            });
            table.reclassify(&entry, store % 3 == 0);
            entries.push(entry);
            most = most.max(table.bytes());
            assert!(table.bytes() <= BYTES);
        }
        // It was full, and what it says is what it holds.
        assert!(most > BYTES - 2 * 50_000, "{most}");
        let kept = entries
            .iter()
            .filter(|e| e.in_cache.load(Ordering::Relaxed));
        let held: usize = kept.clone().map(|entry| entry.bytes).sum();
        assert_eq!(held, table.bytes());
        assert_eq!(kept.count(), table.len());
    }

    #[test]
    fn an_entry_of_more_bytes_than_all_may_have_is_alone() {
        let mut table = Table::new(10, 4);
        for store in 0..5 {
            table.entry(subject(store));
            assert_eq!(table.len(), 1);
        }
    }

    #[test]
    fn what_an_entry_takes_is_counted() {
        // A failure's text, the parts with two counters each, and a slot of a table that is a third
        // full.
        let text = 240 + 16;
        let parts = size_of::<Entry>() + size_of::<Subject>() + 4 * 16;
        let slots = 3 * 2 * size_of::<usize>() + 2 * size_of::<usize>();
        let allocator = 6 * 16;
        let all = text + parts + slots + allocator;
        assert!(all <= ENTRY_BYTES, "{all}");
    }

    fn kept(entries: &[Arc<Entry>]) -> usize {
        let kept = entries
            .iter()
            .filter(|e| e.in_cache.load(Ordering::Relaxed));
        kept.count()
    }

    #[test]
    fn answers_hold_until_their_time() {
        let entry = Entry::new(Arc::new(subject(1)));
        assert_eq!(entry.answer(0), None);
        for answer in [
            AccessResult::Granted,
            AccessResult::Forbidden,
            AccessResult::Unauthorized,
            AccessResult::ErrorForbidden,
            AccessResult::InvalidCertificate,
            AccessResult::Failed(Arc::from("text")),
        ] {
            entry.set(answer.clone(), 10);
            assert_eq!(entry.answer(9), Some(answer));
            assert_eq!(entry.answer(10), None);
        }
        entry.set(AccessResult::Granted, u64::MAX);
        assert_eq!(entry.answer(1 << 60), Some(AccessResult::Granted));
    }

    #[test]
    fn denials_push_out_denials_only() {
        let mut table = Table::new(100, PLENTY);
        let granted = |store| {
            let entry = table.entry(subject(store));
            table.reclassify(&entry, true);
            entry
        };
        let granted: Vec<_> = (0..75).map(granted).collect();
        for store in 1000..3000 {
            let entry = table.entry(subject(store));
            table.reclassify(&entry, false);
        }
        assert_eq!(kept(&granted), 75);
        assert_eq!(table.len(), 100);
    }

    #[test]
    fn the_unused_go_first() {
        let mut table = Table::new(4000, PLENTY);
        let mut entries = Vec::new();
        for store in 0..3000 {
            let entry = table.entry(subject(store));
            table.reclassify(&entry, true);
            entry.used.store(store % 2 == 0, Ordering::Relaxed);
            entries.push(entry);
        }
        for store in 3000..3500 {
            let entry = table.entry(subject(store));
            table.reclassify(&entry, true);
        }
        let (used, unused): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|e| e.used.load(Ordering::Relaxed));
        // 500 had to go, a few of them among the new ones.
        assert!(kept(&used) > 1480, "{}", kept(&used));
        assert!(kept(&unused) < 1050, "{}", kept(&unused));
    }

    #[test]
    fn a_subject_has_one_entry_while_it_is_kept() {
        let mut table = Table::new(8, PLENTY);
        let entry = table.entry(subject(1));
        assert!(Arc::ptr_eq(&entry, &table.entry(subject(1))));
        table.reclassify(&entry, true);
        assert!(Arc::ptr_eq(&entry, &table.entry(subject(1))));
        table.retain(|_| false);
        assert_eq!(table.len(), 0);
        assert_eq!(kept(&[Arc::clone(&entry)]), 0);
        table.reclassify(&entry, false);
        assert!(!Arc::ptr_eq(&entry, &table.entry(subject(1))));
    }
}
