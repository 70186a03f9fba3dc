// Gradients through random choices, from C: relaxed samples and their gradients, the score function with leave-one-out
// baselines, DisARM for custom cost functions of bits and of classes, and learners that learn which of three arms of a
// bandit is rewarded.
//
// cargo build --release -p samplegrad-c
// gcc -std=c11 -I host/c/include host/c/examples/gradients.c target/release/libsamplegrad.a -lm -lpthread -ldl
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "samplegrad.h"

enum { ROWS = 5, CLASSES = 3, SAMPLES = 2, BITS = 4, VARIABLES = 2, LEARNERS = 11, STEPS = 200 };

// Stops with the library's own message.
static void check(sg_status status) {
  if (status != SG_STATUS_OK) {
    fprintf(stderr, "gradients: %s (status %d)\n", sg_last_message(), (int)status);
    exit(1);
  }
}

// Prints numbers with nine digits, which distinguish any two floats.
static void show(const char *name, const float *numbers, size_t count) {
  printf("%s:", name);
  for (size_t i = 0; i < count; i++) printf(" %.9g", (double)numbers[i]);
  printf("\n");
}

static void show_words(const char *name, const uint32_t *words, size_t count) {
  printf("%s:", name);
  for (size_t i = 0; i < count; i++) printf(" %" PRIu32, words[i]);
  printf("\n");
}

// Returns the squared difference between the number of set bits and a target.
static float distance(const float *bits, size_t count, size_t row, void *context) {
  const float *targets = context;
  float sum = 0.0f;
  for (size_t i = 0; i < count; i++) sum += bits[i];
  return (sum - targets[row]) * (sum - targets[row]);
}

// Returns the squared difference between the sum of the classes and a target.
static float class_distance(const uint32_t *classes, size_t count, size_t row, void *context) {
  const float *targets = context;
  float sum = 0.0f;
  for (size_t i = 0; i < count; i++) sum += (float)classes[i];
  return (sum - targets[row]) * (sum - targets[row]);
}

static void relaxations(const sg_threads *threads, const float *logits_at, sg_streams *streams) {
  sg_floats logits = {logits_at, ROWS * CLASSES};
  float y[ROWS * CLASSES], gradient[ROWS * CLASSES], by_tau[ROWS], density[ROWS], noise[ROWS * CLASSES];
  float cotangent[ROWS * CLASSES];
  uint32_t drawn[ROWS];

  check(sg_noise_fill(threads, SG_NOISE_NORMAL, CLASSES, streams, SG_FLOATS_OUT(noise)));
  show("normal", noise, ROWS * CLASSES);
  check(sg_noise_fill(threads, SG_NOISE_GUMBEL, CLASSES, streams, SG_FLOATS_OUT(noise)));
  show("gumbel", noise, ROWS * CLASSES);

  // f(y) = Σ (y − 1/2)², so ∂f/∂y = 2 y − 1.
  check(sg_gumbel_softmax_sample(threads, logits, CLASSES, 0.5f, streams, SG_FLOATS_OUT(y)));
  for (size_t i = 0; i < ROWS * CLASSES; i++) cotangent[i] = 2.0f * y[i] - 1.0f;
  check(sg_gumbel_softmax_vjp(threads, SG_FLOATS(y), SG_FLOATS(cotangent), CLASSES, 0.5f, SG_FLOATS_OUT(gradient)));
  show("gumbel-softmax", y, ROWS * CLASSES);
  show("its gradient", gradient, ROWS * CLASSES);

  check(sg_gumbel_softmax_with_noise(threads, logits, CLASSES, 2.0f, SG_FLOATS(noise), SG_FLOATS_OUT(y)));
  check(sg_concrete_log_density(threads, logits, CLASSES, 2.0f, SG_FLOATS(y), SG_FLOATS_OUT(density)));
  check(sg_gumbel_softmax_vjp_temperature(threads, logits, CLASSES, 2.0f, SG_FLOATS(noise), SG_FLOATS(cotangent),
                                          SG_FLOATS_OUT(by_tau)));
  show("with noise", y, ROWS * CLASSES);
  show("log-density", density, ROWS);
  show("by temperature", by_tau, ROWS);

  check(sg_straight_through_sample(threads, logits, CLASSES, 0.5f, streams, SG_WORDS_OUT(drawn), SG_FLOATS_OUT(y)));
  show_words("straight-through", drawn, ROWS);
  show("soft", y, ROWS * CLASSES);
  check(sg_gumbel_max_sample(threads, logits, CLASSES, streams, SG_WORDS_OUT(drawn)));
  show_words("gumbel-max", drawn, ROWS);
}

static void score_function(const sg_threads *threads, const float *logits_at, sg_streams *streams) {
  sg_floats logits = {logits_at, ROWS * CLASSES};
  uint32_t drawn[ROWS * SAMPLES], column[ROWS];
  float costs[ROWS * SAMPLES], advantages[ROWS * SAMPLES], gradient[ROWS * CLASSES];
  for (size_t s = 0; s < SAMPLES; s++) {
    check(sg_inverse_cdf_sample(threads, logits, CLASSES, streams, SG_WORDS_OUT(column)));
    for (size_t row = 0; row < ROWS; row++) drawn[row * SAMPLES + s] = column[row];
  }
  for (size_t i = 0; i < ROWS * SAMPLES; i++) costs[i] = (float)(drawn[i] * drawn[i]);
  check(sg_leave_one_out_advantages(SG_FLOATS(costs), SAMPLES, SG_FLOATS_OUT(advantages)));
  check(sg_score_function_estimate(threads, logits, CLASSES, SAMPLES, SG_WORDS(drawn), SG_FLOATS(advantages),
                                   SG_FLOATS_OUT(gradient)));
  show_words("samples", drawn, ROWS * SAMPLES);
  show("score function", gradient, ROWS * CLASSES);
}

static void bits(sg_streams *streams) {
  float logits[ROWS * BITS], targets[ROWS], mean[ROWS], gradient[ROWS * BITS];
  for (size_t i = 0; i < ROWS * BITS; i++) logits[i] = 0.25f * (float)i - 2.0f;
  for (size_t row = 0; row < ROWS; row++) targets[row] = (float)row;
  check(sg_bernoullis_estimate(SG_ESTIMATOR_DISARM, SG_FLOATS(logits), BITS, distance, targets, streams,
                               SG_FLOATS_OUT(mean), SG_FLOATS_OUT(gradient)));
  show("mean cost", mean, ROWS);
  show("disarm", gradient, ROWS * BITS);
}

// A row has a variable of three classes and a variable of two.
static void classes(sg_streams *streams) {
  enum { LOGITS = 3 + 2 };
  const uint32_t sizes[VARIABLES] = {3, 2};
  float logits[ROWS * LOGITS], targets[ROWS], mean[ROWS], gradient[ROWS * LOGITS];
  for (size_t i = 0; i < ROWS * LOGITS; i++) logits[i] = 0.5f * (float)(i % LOGITS) - 1.0f;
  for (size_t row = 0; row < ROWS; row++) targets[row] = (float)row;
  check(sg_categoricals_estimate(SG_CLASS_ESTIMATOR_DISARM, SG_FLOATS(logits), SG_WORDS(sizes), class_distance, targets,
                                 streams, SG_FLOATS_OUT(mean), SG_FLOATS_OUT(gradient)));
  show("mean cost of classes", mean, ROWS);
  show("disarm of classes", gradient, ROWS * LOGITS);
}

// Each learner sees whether it is its lucky day; arm 2 pays on lucky days, arm 0 on other days.
static void bandit(void) {
  sg_learner_settings settings = {.features = 1, .actions = 3, .rate = 0.5f, .entropy_bonus = 0.01f,
                                  .baseline = SG_BASELINE_ACTION_MODEL, .baseline_parameter = 0.1f};
  sg_learners *learners = NULL;
  check(sg_learners_new(settings, LEARNERS, 2026, 0, &learners));
  float features[LEARNERS], rewards[LEARNERS], total = 0.0f, weights[3], bias[3];
  uint32_t drawn[LEARNERS];
  for (size_t step = 0; step < STEPS; step++) {
    for (size_t i = 0; i < LEARNERS; i++) features[i] = (step + i) % 2 ? 1.0f : -1.0f;
    check(sg_learners_act(learners, SG_FLOATS(features), (sg_bytes){NULL, 0}, SG_WORDS_OUT(drawn)));
    for (size_t i = 0; i < LEARNERS; i++) {
      rewards[i] = drawn[i] == (features[i] > 0.0f ? 2u : 0u) ? 1.0f : 0.0f;
      if (step >= STEPS - 20) total += rewards[i];
    }
    check(sg_learners_learn(learners, SG_FLOATS(rewards)));
  }
  check(sg_learners_policy(learners, LEARNERS - 1, SG_FLOATS_OUT(weights), SG_FLOATS_OUT(bias)));
  show("mean reward of the last 20 steps", &(float){total / (LEARNERS * 20)}, 1);
  show("weights of the last learner", weights, 3);
  show("its biases", bias, 3);
  sg_learners_free(learners);
}

int main(void) {
  float logits[ROWS * CLASSES];
  for (size_t i = 0; i < ROWS * CLASSES; i++) logits[i] = (float)(i % 7) - 3.0f;
  sg_threads *threads = NULL;
  sg_streams *streams = NULL;
  check(sg_threads_new(2, &threads));
  check(sg_streams_new(2026, ROWS, &streams));
  relaxations(threads, logits, streams);
  score_function(threads, logits, streams);
  bits(streams);
  classes(streams);
  bandit();
  uint32_t states[ROWS * 4];
  check(sg_streams_states(streams, SG_WORDS_OUT(states)));
  show_words("states", states, ROWS * 4);
  sg_streams_free(streams);
  sg_threads_free(threads);
  return 0;
}
