// samplegrad for firmware in C. Made of the Rust sources by `cargo xtask headers`: change those, not this.
//
// No heap, no panic, no global state: whatever is kept is kept in memory of the caller's. Every function that can fail returns an
// sgc_status, 0 when all is done; what is refused has written nothing and drawn nothing.
//
// What a caller owes: a pointer that is not NULL points to as many numbers as are counted, and no memory that is written is
// used by an interrupt or another core at the same time. Otherwise functions may be called from anywhere.

#ifndef SAMPLEGRAD_CORE_H
#define SAMPLEGRAD_CORE_H

#include <stdint.h>

// Words of eight bytes of `sgc_learner_16x4`.
#define SGC_LEARNER_16X4_WORDS 100

// Words of eight bytes of `sgc_learner_64x16`.
#define SGC_LEARNER_64X16_WORDS 1100

// The most classes that a function keeps numbers of on its stack.
#define SGC_MOST_CLASSES 32

// What is wrong.
typedef enum {
  // All is done.
  SGC_CODE_OK = 0,
  // The pointer is null.
  SGC_CODE_NULL = 1,
  // The address is no multiple of four, or of eight for a learner.
  SGC_CODE_ALIGNMENT = 2,
  // It shares memory with something else that is written, or is written and shares it.
  SGC_CODE_OVERLAP = 3,
  // There is none, at least one is needed.
  SGC_CODE_EMPTY = 4,
  // There are more than there is room for.
  SGC_CODE_CAPACITY = 5,
  // Not a number (NaN).
  SGC_CODE_NAN = 6,
  // Infinite, it must be finite. (A logit may be −∞: it masks its class.)
  SGC_CODE_INFINITE = 7,
  // Every class is masked, at least one must be possible.
  SGC_CODE_ALL_MASKED = 8,
  // Outside of its range.
  SGC_CODE_OUT_OF_RANGE = 9,
  // Not made by the function that makes one, or written over.
  SGC_CODE_NOT_MADE = 10,
  // No action waits for a reward: act first.
  SGC_CODE_ORDER = 11,
} sgc_code;

// What was refused.
typedef enum {
  // Logits.
  SGC_THING_LOGITS = 1,
  // The number of classes.
  SGC_THING_CLASSES = 2,
  // The temperature.
  SGC_THING_TEMPERATURE = 3,
  // The generator.
  SGC_THING_GENERATOR = 4,
  // Where something is written.
  SGC_THING_OUTPUT = 5,
  // The relaxed sample.
  SGC_THING_Y = 6,
  // The cotangent.
  SGC_THING_COTANGENT = 7,
  // The learner.
  SGC_THING_LEARNER = 8,
  // Features, or how many there are.
  SGC_THING_FEATURES = 9,
  // The allowed actions, or how many actions there are.
  SGC_THING_ACTIONS = 10,
  // The learning rate.
  SGC_THING_RATE = 11,
  // The learning rate of the model of rewards.
  SGC_THING_MODEL_RATE = 12,
  // The weight of the entropy.
  SGC_THING_ENTROPY_BONUS = 13,
  // The reward.
  SGC_THING_REWARD = 14,
} sgc_thing;

// A generator, Marsaglia's xorshift128: as a host has it in the lane of the device's number.
//
// Keep the words to go on later. All zero is no state.
typedef struct {
  // Its state.
  uint32_t words[4];
} sgc_generator;

// How a call ended: 0 when all is done. Else bits 0 to 7 are an `sgc_code`, bits 8 to 15 an `sgc_thing`, what was refused, and
// bits 16 to 31 the place in it, counted from 0.
typedef uint32_t sgc_status;

// Memory for a learner of up to 16 features and 4 actions: a linear-softmax policy that goes on learning by online REINFORCE,
// with a linear model of the reward of every action as its control variate. Made by `sgc_learner_16x4_new`; it holds no
// pointer and may be copied and kept.
typedef struct {
  // What the learner is made of.
  uint64_t memory[SGC_LEARNER_16X4_WORDS];
} sgc_learner_16x4;

// What a learner is made of.
typedef struct {
  // Features that it sees, at least one.
  uint32_t features;
  // Actions that it chooses from, at least one.
  uint32_t actions;
  // The length of the policy's steps, above 0 and at most 1000.
  float rate;
  // The length of the steps of the model of rewards, above 0 and at most 1000.
  float model_rate;
  // The weight of the entropy in the objective, from 0 to 1000.
  float entropy_bonus;
} sgc_settings;

// The same of up to 64 features and 16 actions.
typedef struct {
  // What the learner is made of.
  uint64_t memory[SGC_LEARNER_64X16_WORDS];
} sgc_learner_64x16;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The generator of a device: of a seed and a number.
sgc_generator sgc_generator_new(uint64_t seed, uint64_t device);

// The generator that four words of a hardware generator and the device's number make. Log the words: a host needs them to
// replay the device.
sgc_generator sgc_generator_from_entropy(uint32_t a,
                                         uint32_t b,
                                         uint32_t c,
                                         uint32_t d,
                                         uint64_t device);

// Writes `count` standard Gumbel numbers, −ln(−ln u), a word of the generator each.
sgc_status sgc_gumbel(sgc_generator *generator, uint32_t count, float *out);

// Writes `count` standard normal numbers, a word of the generator each.
sgc_status sgc_normal(sgc_generator *generator, uint32_t count, float *out);

// Draws a relaxed sample `y = softmax((l + G)/τ)` of up to SGC_MOST_CLASSES logits, a word of the generator per class.
//
// `tau` is from 1e-10 to 1e10. `hard`, if it is not NULL, gets the class of the largest, an exact sample: with it this is the
// straight-through estimator's forward pass, whose gradient is `sgc_gumbel_softmax_vjp` of `y`.
sgc_status sgc_gumbel_softmax_sample(sgc_generator *generator,
                                     const float *logits,
                                     uint32_t classes,
                                     float tau,
                                     float *y,
                                     uint32_t *hard);

// The vector–Jacobian product of a relaxed sample: from `y` and `∂f/∂y` to `∂f/∂l = (1/τ) y ⊙ (ȳ − ⟨y, ȳ⟩)`, any number of
// classes.
sgc_status sgc_gumbel_softmax_vjp(const float *y,
                                  const float *cotangent,
                                  uint32_t classes,
                                  float tau,
                                  float *gradient);

// Makes a learner that knows nothing, in the memory of one.
sgc_status sgc_learner_16x4_new(sgc_learner_16x4 *learner, sgc_settings settings);

// Draws an action. `features` has as many numbers as the learner sees, at most 1e6 in magnitude; bit `a` of `allowed` says
// whether action `a` is possible, 0xFFFFFFFF that all are.
sgc_status sgc_learner_16x4_act(sgc_learner_16x4 *learner,
                                sgc_generator *generator,
                                const float *features,
                                uint32_t allowed,
                                uint32_t *action);

// Learns from the reward of the action that was drawn last, from -1e6 to 1e6.
sgc_status sgc_learner_16x4_learn(sgc_learner_16x4 *learner, float reward);

// Writes what it has learned: weights, feature-major, `weights[feature * actions + action]`, and a bias per action.
sgc_status sgc_learner_16x4_policy(sgc_learner_16x4 *learner, float *weights, float *bias);

// As `sgc_learner_16x4_new`.
sgc_status sgc_learner_64x16_new(sgc_learner_64x16 *learner, sgc_settings settings);

// As `sgc_learner_16x4_act`.
sgc_status sgc_learner_64x16_act(sgc_learner_64x16 *learner,
                                 sgc_generator *generator,
                                 const float *features,
                                 uint32_t allowed,
                                 uint32_t *action);

// As `sgc_learner_16x4_learn`.
sgc_status sgc_learner_64x16_learn(sgc_learner_64x16 *learner, float reward);

// As `sgc_learner_16x4_policy`.
sgc_status sgc_learner_64x16_policy(sgc_learner_64x16 *learner, float *weights, float *bias);

// Draws a class from up to SGC_MOST_CLASSES logits, −INFINITY where one is masked: one word of the generator and an exponential
// per class, by the inverse of the distribution function.
sgc_status sgc_sample(sgc_generator *generator,
                      const float *logits,
                      uint32_t classes,
                      uint32_t *drawn);

// Draws a class from any number of logits by the Gumbel-max trick: a word of the generator and two logarithms per class, no
// stack. Dearer than `sgc_sample`; the way for more classes.
sgc_status sgc_gumbel_max_sample(sgc_generator *generator,
                                 const float *logits,
                                 uint32_t classes,
                                 uint32_t *drawn);

// What is wrong, in English, such as "not a number (NaN)".
const char *sgc_code_text(sgc_status status);

// What was refused, in English, such as "logits".
const char *sgc_thing_text(sgc_status status);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SAMPLEGRAD_CORE_H */
