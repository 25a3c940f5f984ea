/* Tests the acceptor against vectors: synod vectors --out vectors, cc -o run_vectors run_vectors.c -ljansson, ./run_vectors vectors/acceptor-a1.jsonl */
#define WITHOUT_MAIN
#include "acceptor.c"
#include <jansson.h>

static bool holds(const json_t *list, const json_t *item) {
  size_t at;
  json_t *each;
  json_array_foreach(list, at, each) if (json_equal(each, item)) return true;
  return false;
}

/* Whether both send the same; whom it is for is left to the network here, and order does not matter. */
static bool same(const json_t *sent, const json_t *expected) {
  size_t at;
  json_t *each;
  json_array_foreach(expected, at, each) {
    json_object_del(each, "from");
    json_object_del(each, "to");
    if (!holds(sent, each)) return false;
  }
  json_array_foreach(sent, at, each) if (!holds(expected, each)) return false;
  return true;
}

/* What the acceptor sends in answer to an event. */
static json_t *answer(const json_t *event) {
  char *line = json_dumps(event, JSON_COMPACT), *text;
  size_t length;
  FILE *out = open_memstream(&text, &length);
  fprintf(out, "[");
  receive(out, line);
  fprintf(out, "]");
  fclose(out);
  json_t *sent = json_loads(text, 0, NULL);
  free(line);
  free(text);
  return sent;
}

int main(int argc, char **argv) {
  static char line[1 << 20];
  FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
  if (file == NULL) return fprintf(stderr, "expected a file of vectors of an acceptor\n"), 2;
  int number = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    number++;
    json_t *vector = json_loads(line, 0, NULL), *step;
    size_t at;
    memset(&state, 0, sizeof state);
    json_array_foreach(json_object_get(vector, "steps"), at, step) {
      const json_t *event = json_object_get(step, "event"); /* None of a restart, which leaves all of the state. */
      json_t *sent = event == NULL ? NULL : answer(event);
      if (event != NULL && !same(sent, json_object_get(step, "send")))
        return fprintf(stderr, "line %d: step %zu: sends %s, expected %s\n", number, at, json_dumps(sent, 0),
                       json_dumps(json_object_get(step, "send"), 0)), 1;
      json_decref(sent);
    }
    json_decref(vector);
  }
  printf("%d vectors passed\n", number);
  return 0;
}
