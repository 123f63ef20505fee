// Which pages of a plain table are in memory, and how they get there and stay.
//
// RocksDB reads plain tables where their files are mapped, so a read that meets a page which is not in memory waits for
// the disk, whatever its tier says. To ask the kernel for each read (mincore) takes a system call. So there is a bit for
// each page, which a thread of the server's sets as the kernel says, now and then, and who read a page where waiting is
// allowed sets at once. A worker trusts the bits: where one is off, the read goes to a disk thread
// (docs/adr/0030-pages-of-plain-tables.md).
//
// A bit may be wrong in both directions until the next look. Off for a page that is in memory, it costs a change of
// threads. On for one that the kernel has taken since, it costs the wait that there was without bits; what the kernel
// takes are pages that nobody reads.

#ifndef VENICE_ENGINE_PLAIN_TABLE_PAGES_H_
#define VENICE_ENGINE_PLAIN_TABLE_PAGES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace venice {

// The pages of one file that is mapped as long as this exists.
class PlainTablePages {
 public:
  // What a step of Populate did.
  struct Step {
    // Bytes that it went through.
    size_t bytes = 0;
    // What the system said when it refused, else 0.
    int populate_error = 0;
    int lock_error = 0;
  };

  PlainTablePages(const char* begin, size_t size);
  PlainTablePages(const PlainTablePages&) = delete;
  PlainTablePages& operator=(const PlainTablePages&) = delete;

  // Whether all were in memory at the last look; true before the first.
  bool all_here() const { return !is_partly_here_.load(std::memory_order_acquire); }

  // Whether the pages of some bytes are in memory. Bytes that are not of the file are. Only if not all_here().
  bool Has(const char* at, size_t size) const {
    const size_t from = static_cast<size_t>(at - begin_);
    if (from >= size_) {
      return true;
    }
    const size_t first = from >> page_shift_;
    const size_t last = (from + (size == 0 ? 0 : size - 1)) >> page_shift_;
    for (size_t page = first; page <= last && page < pages_; page++) {
      if ((bits_[page / 64].load(std::memory_order_relaxed) >> (page % 64) & 1) == 0) {
        return false;
      }
    }
    return true;
  }

  // The pages of some bytes were just read. Only if not all_here().
  void Mark(const char* at, size_t size);

  size_t size() const { return size_; }

  // The rest is for one thread at a time.

  // As if the kernel had taken all.
  void Forget();

  // Asks the kernel. Returns how many bytes are in memory.
  size_t Look();

  // Has the next pages read and mapped, at most so many bytes of them; and locked, if wanted.
  Step Populate(size_t most, bool lock);
  // Bytes that are left for Populate.
  size_t left(bool lock) const { return size_ - (lock ? locked_ : populated_); }
  size_t locked() const { return locked_; }

 private:
  size_t words() const { return (pages_ + 63) / 64; }
  // All on, if there are none.
  void MakeBits();

  const char* const begin_;
  const size_t size_;
  const unsigned page_shift_;
  const size_t pages_;
  std::atomic<bool> is_partly_here_{false};
  // Of each page a bit; null before the first look.
  std::unique_ptr<std::atomic<uint64_t>[]> bits_;
  // From the beginning on.
  size_t populated_ = 0;
  size_t locked_ = 0;
};

}  // namespace venice

#endif  // VENICE_ENGINE_PLAIN_TABLE_PAGES_H_
