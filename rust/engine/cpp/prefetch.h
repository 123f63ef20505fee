// What the prefetching files share: how to fetch a line, and how to name a private member.

#ifndef VENICE_ENGINE_PREFETCH_H_
#define VENICE_ENGINE_PREFETCH_H_

#include <cstddef>

namespace venice {

// What a processor fetches at a time.
constexpr size_t kLine = 64;

// Begins to fetch `size` bytes. A hint: it changes nothing and cannot fail, whatever the address.
inline void Fetch(const void* from, size_t size) {
  for (size_t at = 0; at < size; at += kLine) {
    __builtin_prefetch(static_cast<const char*>(from) + at);
  }
}

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
