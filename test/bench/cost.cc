/*
 * Runs a command, and says what it has cost: prints, after what the command prints, a line of JSON with the seconds that passed,
 * the processor seconds (user and system), and the most memory that it had resident, in bytes.
 *
 *     g++ -O2 -o cost cost.cc && ./cost ./pan -m10000
 */
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static double seconds(timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

int main(int, char** arguments) {
  const double start = now();
  const pid_t child = fork();
  if (child == 0) {
    execv(arguments[1], arguments + 1);
    perror(arguments[1]);
    _exit(127);
  }
  int status;
  rusage used;
  if (child < 0 || wait4(child, &status, 0, &used) < 0) return perror("cost"), 1;
  printf("\n{\"wallSeconds\":%.6f,\"cpuSeconds\":%.6f,\"peakBytes\":%ld}\n", now() - start,
         seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss * 1024L);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
