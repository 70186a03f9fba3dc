// Estimates by every estimator of bits and of classes, which the test compares with Rust. Enumeration is compared with
// the exact gradient here. Also checks the arguments of the cost functions and the thread in which they run.
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "samplegrad.h"

enum { ROWS = 7, STREAMS = 5, BITS = 3, VARIABLES = 2, LOGITS = 5, KINDS = 100 };

static const uint32_t sizes[VARIABLES] = {3, 2};
static int wrong = 0;
static pthread_t caller;

static void check(sg_status status) {
  if (status != SG_STATUS_OK) {
    fprintf(stderr, "estimators: %s (status %d)\n", sg_last_message(), (int)status);
    exit(1);
  }
}

static void show(const char *name, uint32_t kind, const char *what, const float *numbers, size_t count) {
  printf("%s %" PRIu32 " %s:", name, kind, what);
  for (size_t i = 0; i < count; i++) printf(" %.9g", (double)numbers[i]);
  printf("\n");
}

static float off(float value, float target) { return (value - target) * (value - target); }

static float bit_cost(const float *bits, size_t count, size_t row, void *context) {
  if (count != BITS || row >= ROWS || !pthread_equal(caller, pthread_self())) wrong++;
  return off(bits[0] + 2.0f * bits[1] - bits[2], ((const float *)context)[row]);
}

static float class_cost(const uint32_t *classes, size_t count, size_t row, void *context) {
  if (count != VARIABLES || row >= ROWS || !pthread_equal(caller, pthread_self())) wrong++;
  for (size_t i = 0; i < count; i++) wrong += classes[i] >= sizes[i];
  return off((float)(2 * classes[0] + classes[1]), ((const float *)context)[row]);
}

// Checks a gradient against `exact`, within the rounding errors of sums of a few costs below 30.
static void close_to(const char *name, float found, double exact) {
  if (!(fabs((double)found - exact) < 2e-5)) {
    printf("%s: %.9g, exact %.9g\n", name, (double)found, exact);
    wrong++;
  }
}

// Computes dE/dl_i = p_i (1 - p_i) (E[f | b_i = 1] - E[f | b_i = 0]) by a sum over all values.
static void exact_for_bits(const float *logits, size_t row, float *targets, const float *gradient) {
  for (size_t i = 0; i < BITS; i++) {
    double of_bit[2] = {0, 0}, p[BITS];
    for (size_t j = 0; j < BITS; j++) p[j] = 1 / (1 + exp(-(double)logits[j]));
    for (unsigned value = 0; value < 1u << BITS; value++) {
      float bits[BITS];
      double others = 1;
      for (size_t j = 0; j < BITS; j++) {
        bits[j] = (float)(value >> j & 1);
        if (j != i) others *= value >> j & 1 ? p[j] : 1 - p[j];
      }
      of_bit[value >> i & 1] += others * (double)bit_cost(bits, BITS, row, targets);
    }
    close_to("bits", gradient[i], p[i] * (1 - p[i]) * (of_bit[1] - of_bit[0]));
  }
}

// Computes dE/dl of class k of a variable, p_k (E[f | k] - E[f]), by a sum over all values.
static void exact_for_classes(const float *logits, size_t row, float *targets, const float *gradient) {
  double p[LOGITS], given[LOGITS] = {0}, mean = 0;
  for (size_t i = 0, first = 0; i < VARIABLES; first += sizes[i++]) {
    double total = 0;
    for (size_t k = 0; k < sizes[i]; k++) total += exp((double)logits[first + k]);
    for (size_t k = 0; k < sizes[i]; k++) p[first + k] = exp((double)logits[first + k]) / total;
  }
  for (uint32_t x = 0; x < sizes[0]; x++) {
    for (uint32_t y = 0; y < sizes[1]; y++) {
      double cost = (double)class_cost((const uint32_t[]){x, y}, VARIABLES, row, targets);
      given[x] += p[sizes[0] + y] * cost;
      given[sizes[0] + y] += p[x] * cost;
      mean += p[x] * p[sizes[0] + y] * cost;
    }
  }
  for (size_t k = 0; k < LOGITS; k++) close_to("classes", gradient[k], p[k] * (given[k] - mean));
}

int main(void) {
  float bit_logits[ROWS * BITS], class_logits[ROWS * LOGITS], targets[ROWS];
  float mean[ROWS], of_bits[ROWS * BITS], of_classes[ROWS * LOGITS];
  uint32_t states[STREAMS * 4];
  for (size_t i = 0; i < ROWS * BITS; i++) bit_logits[i] = 0.25f * (float)(i % 11) - 1.0f;
  for (size_t i = 0; i < ROWS * LOGITS; i++) class_logits[i] = 0.25f * (float)(i % 13) - 1.5f;
  for (size_t row = 0; row < ROWS; row++) targets[row] = (float)(row % 4);
  class_logits[2 * LOGITS + 1] = -INFINITY;
  caller = pthread_self();
  // Fewer streams than rows: later rows continue the streams of earlier rows.
  sg_streams *streams = NULL;
  check(sg_streams_new(2026, STREAMS, &streams));

  for (uint32_t kind = 0; kind < KINDS; kind++) {
    sg_status status = sg_bernoullis_estimate(kind, SG_FLOATS(bit_logits), BITS, bit_cost, targets, streams,
                                              SG_FLOATS_OUT(mean), SG_FLOATS_OUT(of_bits));
    if (status == SG_STATUS_KIND) continue;
    check(status);
    show("bits", kind, "mean", mean, ROWS);
    show("bits", kind, "gradient", of_bits, ROWS * BITS);
    for (size_t row = 0; kind == SG_ESTIMATOR_ENUMERATION && row < ROWS; row++)
      exact_for_bits(bit_logits + row * BITS, row, targets, of_bits + row * BITS);
  }
  for (uint32_t kind = 0; kind < KINDS; kind++) {
    sg_status status = sg_categoricals_estimate(kind, SG_FLOATS(class_logits), SG_WORDS(sizes), class_cost, targets,
                                                streams, SG_FLOATS_OUT(mean), SG_FLOATS_OUT(of_classes));
    if (status == SG_STATUS_KIND) continue;
    check(status);
    show("classes", kind, "mean", mean, ROWS);
    show("classes", kind, "gradient", of_classes, ROWS * LOGITS);
    for (size_t row = 0; kind == SG_CLASS_ESTIMATOR_ENUMERATION && row < ROWS; row++)
      exact_for_classes(class_logits + row * LOGITS, row, targets, of_classes + row * LOGITS);
  }

  check(sg_streams_states(streams, SG_WORDS_OUT(states)));
  printf("states:");
  for (size_t i = 0; i < STREAMS * 4; i++) printf(" %" PRIu32, states[i]);
  printf("\nwrong: %d\n", wrong);
  sg_streams_free(streams);
  return wrong ? 1 : 0;
}
