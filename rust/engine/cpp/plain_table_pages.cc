#include "plain_table_pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace venice {

namespace {

// Pages that the kernel is asked about at a time. It holds the lock of the address space meanwhile, for some 10 us.
constexpr size_t kPagesOfLook = 512;
// Bytes that are read ahead by one call: the kernel ignores what is above the read-ahead of the disk, 128 KiB unless it is
// set otherwise.
constexpr size_t kReadAhead = 128 * 1024;
// Bytes that are mapped, and locked, by one call.
constexpr size_t kPiece = 2 * 1024 * 1024;

#ifdef __linux__
// MADV_POPULATE_READ, of Linux 5.14; older headers have it not.
constexpr int kPopulateRead = 22;
#endif

size_t PageSize() {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

#ifdef __APPLE__
using Residency = char;
#else
using Residency = unsigned char;
#endif

// The lowest bits of eight bytes, one beside the other.
uint64_t BitsOf(const Residency* bytes) {
  uint64_t bits = 0;
  for (int i = 0; i < 8; i++) {
    bits |= static_cast<uint64_t>(bytes[i] & 1) << i;
  }
  return bits;
}

// Has the kernel begin to read: RocksDB's own advice for tables is that reads are random, with which a page that is
// met is read alone (measured: 64 MiB took 17 s by MADV_POPULATE_READ alone, 0.06 s behind this).
void ReadAhead(char* begin, size_t size) {
  for (size_t at = 0; at < size; at += kReadAhead) {
    madvise(begin + at, std::min(kReadAhead, size - at), MADV_WILLNEED);
  }
}

// Maps what is in memory, for kernels that have no MADV_POPULATE_READ. Nothing else is touched: a page that is not in
// memory may not be readable, and who touches it then gets a signal.
void Touch(char* begin, size_t size) {
  Residency here[kPagesOfLook];
  for (size_t at = 0; at < size; at += kPagesOfLook * PageSize()) {
    const size_t bytes = std::min(kPagesOfLook * PageSize(), size - at);
    if (mincore(begin + at, bytes, here) != 0) {
      return;
    }
    for (size_t page = 0; page * PageSize() < bytes; page++) {
      if ((here[page] & 1) != 0) {
        static_cast<void>(*static_cast<volatile char*>(begin + at + page * PageSize()));
      }
    }
  }
}

// 0, or what the system said.
int Map(char* begin, size_t size) {
#ifdef __linux__
  static std::atomic<bool> is_known{true};
  while (is_known.load(std::memory_order_relaxed)) {
    if (madvise(begin, size, kPopulateRead) == 0) {
      return 0;
    }
    if (errno != EINVAL) {
      if (errno == EINTR || errno == EAGAIN) {
        continue;
      }
      return errno;
    }
    is_known.store(false, std::memory_order_relaxed);
  }
#endif
  Touch(begin, size);
  return 0;
}

unsigned Shift() {
  unsigned shift = 0;
  while ((size_t{1} << shift) < PageSize()) {
    shift++;
  }
  return shift;
}

}  // namespace

PlainTablePages::PlainTablePages(const char* begin, size_t size)
    : begin_(begin),
      size_(size),
      page_shift_(Shift()),
      pages_((size + PageSize() - 1) >> page_shift_) {}

void PlainTablePages::Mark(const char* at, size_t size) {
  const size_t from = static_cast<size_t>(at - begin_);
  if (from >= size_) {
    return;
  }
  const size_t last = (from + (size == 0 ? 0 : size - 1)) >> page_shift_;
  for (size_t page = from >> page_shift_; page <= last && page < pages_; page++) {
    const uint64_t bit = uint64_t{1} << (page % 64);
    std::atomic<uint64_t>& bits = bits_[page / 64];
    if ((bits.load(std::memory_order_relaxed) & bit) == 0) {
      bits.fetch_or(bit, std::memory_order_relaxed);
    }
  }
}

void PlainTablePages::MakeBits() {
  if (bits_ != nullptr) {
    return;
  }
  bits_ = std::make_unique<std::atomic<uint64_t>[]>(words());
  for (size_t i = 0; i < words(); i++) {
    bits_[i].store(~uint64_t{0}, std::memory_order_relaxed);
  }
}

void PlainTablePages::Forget() {
  MakeBits();
  for (size_t i = 0; i < words(); i++) {
    bits_[i].store(0, std::memory_order_relaxed);
  }
  is_partly_here_.store(true, std::memory_order_release);
}

size_t PlainTablePages::Look() {
  MakeBits();
  size_t pages_here = 0;
  for (size_t first = 0; first < pages_; first += kPagesOfLook) {
    const size_t pages = std::min(kPagesOfLook, pages_ - first);
    Residency here[kPagesOfLook];
    std::fill_n(here, kPagesOfLook, Residency{1});
    char* begin = const_cast<char*>(begin_) + (first << page_shift_);
    if (mincore(begin, pages << page_shift_, here) != 0) {
      // Nothing is known: as before the first look.
      std::fill_n(here, kPagesOfLook, Residency{1});
    }
    for (size_t at = 0; at < pages; at += 64) {
      uint64_t bits = 0;
      for (size_t i = 0; i < 64; i += 8) {
        bits |= BitsOf(here + at + i) << i;
      }
      const size_t of_word = std::min<size_t>(64, pages - at);
      const uint64_t beyond = of_word == 64 ? 0 : ~uint64_t{0} << of_word;
      pages_here += static_cast<size_t>(__builtin_popcountll(bits & ~beyond));
      std::atomic<uint64_t>& word = bits_[(first + at) / 64];
      // Who reads them has the line for himself, as long as nothing changes.
      if (word.load(std::memory_order_relaxed) != (bits | beyond)) {
        word.store(bits | beyond, std::memory_order_relaxed);
      }
      if (~(bits | beyond) != 0 && all_here()) {
        is_partly_here_.store(true, std::memory_order_release);
      }
    }
  }
  if (pages_here == pages_ && !all_here()) {
    is_partly_here_.store(false, std::memory_order_release);
  }
  return std::min(size_, pages_here << page_shift_);
}

PlainTablePages::Step PlainTablePages::Populate(size_t most, bool lock) {
  Step step;
  while (step.bytes < most && left(lock) > 0) {
    const size_t from = lock ? locked_ : populated_;
    const size_t bytes = std::min(kPiece, size_ - from);
    char* begin = const_cast<char*>(begin_) + from;
    step.bytes += bytes;
    if (from >= populated_) {
      ReadAhead(begin, bytes);
      step.populate_error = Map(begin, bytes);
      if (step.populate_error != 0) {
        // Its disk, or its file, is not well. Who reads it will say so; here it is left alone.
        populated_ = size_;
        locked_ = size_;
        return step;
      }
      populated_ = from + bytes;
      if (!all_here()) {
        Mark(begin, bytes);
      }
    }
    if (lock) {
      if (mlock(begin, bytes) != 0) {
        step.lock_error = errno;
        return step;
      }
      locked_ = from + bytes;
    }
  }
  return step;
}

}  // namespace venice
