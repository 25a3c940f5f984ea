/*
 * An acceptor in C that keeps its state and tells it: cc -o acceptor acceptor.c, then synod check paxos --acceptor ./acceptor
 *
 * It reads no JSON in general, only what it is asked: names and values of a configuration have no quotes in them. Compiled with
 * -DACCEPTS_LOWER it has a mistake: it compares ballots in phase 1, and forgets to compare them again in phase 2.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT 256

struct ballot {
  int round; /* 0: none */
  char proposer[TEXT];
};

static struct {
  struct ballot promised;
  struct ballot accepted;
  char value[TEXT];
} state;

static int compare(const struct ballot *a, const struct ballot *b) {
  if (a->round != b->round) return a->round < b->round ? -1 : 1;
  return strcmp(a->proposer, b->proposer);
}

/* Copies the text after `name":"` in the line. */
static void text_of(const char *line, const char *name, char *into) {
  char key[TEXT];
  snprintf(key, sizeof key, "\"%s\":\"", name);
  const char *from = strstr(line, key);
  if (from == NULL) {
    fprintf(stderr, "no %s in %s", name, line);
    exit(1);
  }
  from += strlen(key);
  snprintf(into, TEXT, "%.*s", (int)strcspn(from, "\""), from);
}

static int number_of(const char *line, const char *name) {
  char key[TEXT];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char *from = strstr(line, key);
  return from == NULL ? 0 : atoi(from + strlen(key));
}

static void print_ballot(FILE *out, const struct ballot *ballot) {
  if (ballot->round == 0) fprintf(out, "null");
  else fprintf(out, "{\"round\":%d,\"proposer\":\"%s\"}", ballot->round, ballot->proposer);
}

static void print_accepted(FILE *out) {
  if (state.accepted.round == 0) {
    fprintf(out, "null");
    return;
  }
  fprintf(out, "{\"ballot\":");
  print_ballot(out, &state.accepted);
  fprintf(out, ",\"value\":\"%s\"}", state.value);
}

/* Takes a message, and prints what to send. */
static void receive(FILE *out, const char *line) {
  struct ballot ballot = {.round = number_of(line, "round")};
  text_of(line, "proposer", ballot.proposer);
  const int order = compare(&ballot, &state.promised);
  if (strstr(line, "\"type\":\"prepare\"") != NULL && order > 0) {
    state.promised = ballot;
    fprintf(out, "{\"type\":\"promise\",\"ballot\":");
    print_ballot(out, &ballot);
    fprintf(out, ",\"accepted\":");
    print_accepted(out);
    fprintf(out, "}");
  }
#ifdef ACCEPTS_LOWER
  const bool accepts = true;
#else
  const bool accepts = order >= 0;
#endif
  if (strstr(line, "\"type\":\"accept\"") != NULL && accepts) {
    state.promised = state.accepted = ballot;
    text_of(line, "value", state.value);
    fprintf(out, "{\"type\":\"accepted\",\"ballot\":");
    print_ballot(out, &ballot);
    fprintf(out, ",\"value\":\"%s\"}", state.value);
  }
}

#ifndef WITHOUT_MAIN
int main(void) {
  static char line[1 << 16];
  while (fgets(line, sizeof line, stdin) != NULL) {
    printf("{\"id\":%d", number_of(line, "id"));
    if (strstr(line, "\"type\":\"hello\"") != NULL) {
      printf(",\"protocol\":1,\"kind\":\"stateful\",\"restart\":true}\n");
      fflush(stdout);
      continue;
    }
    if (strstr(line, "\"type\":\"reset\"") != NULL) memset(&state, 0, sizeof state);
    if (strstr(line, "\"type\":\"step\"") != NULL) {
      printf(",\"send\":[");
      receive(stdout, line);
      printf("]");
    }
    /* A restart changes nothing: all of the state is on disk. */
    printf(",\"state\":{\"promised\":");
    print_ballot(stdout, &state.promised);
    printf(",\"accepted\":");
    print_accepted(stdout);
    printf("}}\n");
    fflush(stdout);
  }
  return 0;
}
#endif
