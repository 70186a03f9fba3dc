// Threads created before a fork, used in the child and in the parent: the bits are equal in both.
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "samplegrad.h"

enum { ROWS = 20000, COLUMNS = 4 };

static float before[ROWS * COLUMNS], after[ROWS * COLUMNS];

static int fill(const sg_threads *threads, sg_floats_out out) {
  sg_streams *streams = NULL;
  if (sg_streams_new(1, ROWS, &streams)) return 0;
  sg_status status = sg_noise_fill(threads, SG_NOISE_GUMBEL, COLUMNS, streams, out);
  sg_streams_free(streams);
  return status == SG_STATUS_OK;
}

int main(void) {
  sg_threads *threads = NULL;
  if (sg_threads_new(2, &threads) || !fill(threads, SG_FLOATS_OUT(before))) return 2;
  pid_t child = fork();
  if (child == 0) {
    // The alarm ends a child that waits for threads it does not have.
    alarm(60);
    int same = fill(threads, SG_FLOATS_OUT(after)) && memcmp(before, after, sizeof before) == 0;
    sg_threads_free(threads);
    _exit(same ? 0 : 1);
  }
  int status = 1;
  if (child < 0 || waitpid(child, &status, 0) != child) return 2;
  int same = fill(threads, SG_FLOATS_OUT(after)) && memcmp(before, after, sizeof before) == 0;
  sg_threads_free(threads);
  printf("child: %d, parent: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1, same ? 0 : 1);
  return 0;
}
