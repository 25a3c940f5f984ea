/* What the two programs share: a hash table of known size by open addressing, whose look-ups overlap. */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

[[noreturn]] inline void fail(const char* why) {
  fprintf(stderr, "%s\n", why);
  exit(1);
}

/* Look-ups wait in a batch of at least so many while their slots are fetched. */
constexpr int BATCH = 256;

/* A set of keys, none of which is 0. It is at most three quarters full when it holds as many as there is room for. */
template <typename Key> struct Table {
  Key* keys;
  uint64_t slots, room, used = 0;

  explicit Table(uint64_t room) : slots(room + room / 3 + 16), room(room) {
    /* Large pages, where the system has them: with small ones half of the time is spent on finding the page. */
    const uint64_t page = uint64_t(1) << 21, size = (slots * sizeof(Key) + page - 1) / page * page;
    keys = static_cast<Key*>(aligned_alloc(page, size));
    if (!keys) fail("not enough memory");
    madvise(keys, size, MADV_HUGEPAGE);
    memset(keys, 0, size);
  }

  uint64_t bytes() const { return slots * sizeof(Key); }

  /* Where the search for a key begins: the hash, as a fraction of 2^64, of the slots. */
  uint64_t slotOf(uint64_t hash) const { return uint64_t((static_cast<unsigned __int128>(hash) * slots) >> 64); }

  void fetch(uint64_t slot) const { __builtin_prefetch(&keys[slot], 1); }

  /* Adds a key; tells whether it is new. */
  bool insert(Key key, uint64_t slot) {
    while (keys[slot] != 0) {
      if (keys[slot] == key) return false;
      if (++slot == slots) slot = 0;
    }
    if (used++ == room) fail("there are more states than was said");
    keys[slot] = key;
    return true;
  }
};

/* Each key has a mix of its own. */
inline uint64_t mix(uint64_t key) {
  key = (key ^ key >> 32) * 0xd6e8feb86659fd93u;
  key = (key ^ key >> 32) * 0xd6e8feb86659fd93u;
  return key ^ key >> 32;
}
