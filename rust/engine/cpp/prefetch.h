// What the prefetching files share: how to fetch a line, where to keep a few things, and how to name a private
// member.

#ifndef VENICE_ENGINE_PREFETCH_H_
#define VENICE_ENGINE_PREFETCH_H_

#include <cstddef>
#include <new>
#include <utility>

namespace venice {

// What a processor fetches at a time.
constexpr size_t kLine = 64;

// Begins to fetch `size` bytes. A hint: it changes nothing and cannot fail, whatever the address.
inline void Fetch(const void* from, size_t size) {
  for (size_t at = 0; at < size; at += kLine) {
    __builtin_prefetch(static_cast<const char*>(from) + at);
  }
}

// At most so many things, in place; room that is not used is not written. Who adds counts.
template <typename Thing, size_t kMost>
class Few {
 public:
  Few() = default;
  Few(const Few&) = delete;
  Few& operator=(const Few&) = delete;
  ~Few() {
    for (Thing& thing : *this) {
      thing.~Thing();
    }
  }

  template <typename... Arguments>
  Thing& Add(Arguments&&... arguments) {
    void* room = room_ + sizeof(Thing) * count_++;
    return *new (room) Thing(std::forward<Arguments>(arguments)...);
  }
  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  Thing& operator[](size_t at) { return begin()[at]; }
  const Thing& operator[](size_t at) const { return begin()[at]; }
  Thing* begin() { return reinterpret_cast<Thing*>(room_); }
  Thing* end() { return begin() + count_; }
  const Thing* begin() const { return reinterpret_cast<const Thing*>(room_); }
  const Thing* end() const { return begin() + count_; }

 private:
  alignas(Thing) unsigned char room_[sizeof(Thing) * kMost];
  size_t count_ = 0;
};

// An explicit instantiation may name private members (C++17, [temp.spec] 6):
//
//   using NameMember = Type Class::*;
//   constexpr NameMember Of(NameMember);
//   template struct venice::Private<NameMember, &Class::name_>;
//
// then object.*Of(NameMember()) is the member. A RocksDB that has other members does not compile.
template <typename Member, Member kPointer>
struct Private {
  friend constexpr Member Of(Member) { return kPointer; }
};

}  // namespace venice

#endif  // VENICE_ENGINE_PREFETCH_H_
