/*
 * The physical limit: as many insertions into a hash table as a search makes, and nothing else. No search that stores whole states
 * does less.
 *
 *     g++ -O3 -march=native -o limit limit.cc && ./limit 8220065 23340613
 *
 * The arguments are the number of distinct keys and that of insertions. A key has 64 bits. New keys come evenly spread among known
 * ones, which are drawn at random.
 */
#include "table.h"

int main(int, char** arguments) {
  const uint64_t distinct = strtoull(arguments[1], nullptr, 10), insertions = strtoull(arguments[2], nullptr, 10);
  Table<uint64_t> table(distinct);
  uint64_t keys[BATCH], at[BATCH];
  uint64_t drawn = 0, random = 1;
  for (uint64_t done = 0; done < insertions;) {
    int count = 0;
    for (; count < BATCH && done < insertions; count++, done++) {
      /* Key number k is mix(k). After `done` insertions there are done * distinct / insertions keys, rounded up. */
      uint64_t number = drawn + 1;
      if (static_cast<unsigned __int128>(done) * distinct >= static_cast<unsigned __int128>(drawn) * insertions) {
        drawn++;
      } else {
        random = random * 6364136223846793005u + 1442695040888963407u;
        number = 1 + uint64_t((static_cast<unsigned __int128>(random) * drawn) >> 64);
      }
      keys[count] = mix(number);
      at[count] = table.slotOf(mix(keys[count]));
      table.fetch(at[count]);
    }
    for (int k = 0; k < count; k++) table.insert(keys[k], at[k]);
  }
  printf("{\"states\":%lu,\"transitions\":%lu,\"tableBytes\":%lu}\n", table.used, insertions - 1, table.bytes());
}
