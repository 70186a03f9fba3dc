// Firmware in C that draws, relaxes and learns, with the core alone: no heap, no C library.
//
// It runs on a device (examples/cortex-m4) and on a host (examples/host.c), and writes the same text on both: every
// number as the eight hexadecimal digits of its bits, so that no function has to format a float.
#include "learning.h"

#include <stddef.h>

#include "samplegrad_core.h"

enum { DEVICE = 5, SEED = 2026, CLASSES = 6, FEATURES = 3, ACTIONS = 3, STEPS = 400, LAST = 50 };

// −∞, the logit of a masked class, without math.h.
#define MASKED (-__builtin_inff())

static void put_bits(uint32_t bits) {
  char text[10] = " 00000000";
  for (int i = 8; i > 0; i--, bits >>= 4) text[i] = "0123456789abcdef"[bits & 15];
  put(text);
}

static void show_words(const char *name, const uint32_t *words, size_t count) {
  put(name);
  for (size_t i = 0; i < count; i++) put_bits(words[i]);
  put("\n");
}

static void show(const char *name, const float *numbers, size_t count) {
  put(name);
  for (size_t i = 0; i < count; i++) {
    union {
      float number;
      uint32_t bits;
    } same = {numbers[i]};
    put_bits(same.bits);
  }
  put("\n");
}

// Returns 1 if the status is 0; otherwise writes the error and returns 0.
static int ok(sgc_status status) {
  if (status == 0) return 1;
  put(sgc_thing_text(status));
  put(": ");
  put(sgc_code_text(status));
  put("\n");
  return 0;
}

static int relaxed(sgc_generator *generator) {
  const float logits[CLASSES] = {0.5f, -1.0f, 2.0f, MASKED, 0.0f, 1.5f};
  float noise[4], y[CLASSES], cotangent[CLASSES], gradient[CLASSES];
  uint32_t hard, drawn[2];
  if (!ok(sgc_gumbel(generator, 4, noise))) return 0;
  show("gumbel", noise, 4);
  if (!ok(sgc_normal(generator, 4, noise))) return 0;
  show("normal", noise, 4);
  if (!ok(sgc_sample(generator, logits, CLASSES, &drawn[0]))) return 0;
  if (!ok(sgc_gumbel_max_sample(generator, logits, CLASSES, &drawn[1]))) return 0;
  show_words("drawn", drawn, 2);
  // f(y) = Σ (y − 1/2)², so ∂f/∂y = 2 y − 1.
  if (!ok(sgc_gumbel_softmax_sample(generator, logits, CLASSES, 0.5f, y, &hard))) return 0;
  for (size_t k = 0; k < CLASSES; k++) cotangent[k] = 2.0f * y[k] - 1.0f;
  if (!ok(sgc_gumbel_softmax_vjp(y, cotangent, CLASSES, 0.5f, gradient))) return 0;
  show("relaxed", y, CLASSES);
  show_words("hard", &hard, 1);
  show("gradient", gradient, CLASSES);
  return 1;
}

// Checks that bad inputs are refused, with the error and its place.
static int refusals(sgc_generator *generator) {
  float logits[CLASSES] = {0.0f}, y[CLASSES];
  sgc_generator nothing = {{0, 0, 0, 0}};
  static sgc_learner_16x4 unmade;
  logits[4] = __builtin_nanf("");
  const uint32_t found[] = {
      sgc_gumbel_softmax_sample(generator, logits, CLASSES, 0.5f, y, NULL),
      sgc_gumbel_softmax_sample(generator, NULL, CLASSES, 0.5f, y, NULL),
      sgc_gumbel_softmax_sample(generator, y, CLASSES, 0.5f, y, NULL),
      sgc_gumbel_softmax_sample(generator, logits, SGC_MOST_CLASSES + 1, 0.5f, y, NULL),
      sgc_gumbel_softmax_vjp(logits, logits, CLASSES, 0.0f, y),
      sgc_gumbel(&nothing, CLASSES, y),
      sgc_learner_16x4_learn(&unmade, 1.0f),
  };
  show_words("refused", found, sizeof found / sizeof found[0]);
  return 1;
}

// Learns from three features which of three actions is rewarded.
static int learner(sgc_generator *generator) {
  static sgc_learner_16x4 learner;
  const sgc_settings settings = {FEATURES, ACTIONS, 0.3f, 0.1f, 0.01f};
  float weights[FEATURES * ACTIONS], bias[ACTIONS];
  uint32_t right = 0;
  if (!ok(sgc_learner_16x4_new(&learner, settings))) return 0;
  for (uint32_t step = 0; step < STEPS; step++) {
    float features[FEATURES] = {0.0f};
    const uint32_t best = (step * 7 + step / 5) % ACTIONS;
    uint32_t action;
    features[best] = 1.0f;
    if (!ok(sgc_learner_16x4_act(&learner, generator, features, 0xFFFFFFFFu, &action))) return 0;
    if (!ok(sgc_learner_16x4_learn(&learner, action == best ? 1.0f : 0.0f))) return 0;
    if (step >= STEPS - LAST && action == best) right++;
  }
  if (!ok(sgc_learner_16x4_policy(&learner, weights, bias))) return 0;
  show_words("right", &right, 1);
  show("weights", weights, FEATURES * ACTIONS);
  show("bias", bias, ACTIONS);
  return 1;
}

// Uses the larger capacity, and a mask that allows two of five actions.
static int masked(sgc_generator *generator) {
  static sgc_learner_64x16 learner;
  const sgc_settings settings = {20, 5, 0.05f, 0.02f, 0.0f};
  float features[20], weights[20 * 5], bias[5];
  if (!ok(sgc_learner_64x16_new(&learner, settings))) return 0;
  for (uint32_t step = 0; step < 20; step++) {
    uint32_t action;
    if (!ok(sgc_normal(generator, 20, features))) return 0;
    if (!ok(sgc_learner_64x16_act(&learner, generator, features, 0x0Au, &action))) return 0;
    if (action != 1 && action != 3) return 0;
    if (!ok(sgc_learner_64x16_learn(&learner, action == 1 ? features[0] : -features[1]))) return 0;
  }
  if (!ok(sgc_learner_64x16_policy(&learner, weights, bias))) return 0;
  show("weights of 20 by 5", weights, 20 * 5);
  return 1;
}

int learn(void) {
  sgc_generator generator = sgc_generator_new(SEED, DEVICE);
  if (!relaxed(&generator) || !refusals(&generator) || !learner(&generator) || !masked(&generator)) return 1;
  show_words("generator", generator.words, 4);
  return 0;
}
