// samplegrad for firmware in C. Made of the Rust sources by `cargo xtask headers`: change those, not this.
//
// No heap, no panic, no global state: all state is in the caller's memory. Every function that can fail returns an
// sgc_status, 0 for success. A call that fails writes nothing and draws nothing.
//
// Requirements: a pointer that is not NULL must point to as many numbers as the length argument says. While a function
// writes memory, no interrupt and no other core may use this memory. Apart from that, functions may be called from
// anywhere.

#ifndef SAMPLEGRAD_CORE_H
#define SAMPLEGRAD_CORE_H

#include <stdint.h>

// Size of `sgc_learner_16x4` in words of eight bytes.
#define SGC_LEARNER_16X4_WORDS 100

// Size of `sgc_learner_64x16` in words of eight bytes.
#define SGC_LEARNER_64X16_WORDS 1100

// The largest number of classes for functions that keep a number per class on the stack.
#define SGC_MOST_CLASSES 32

// An error code.
typedef enum {
  // Success.
  SGC_CODE_OK = 0,
  // The pointer is null.
  SGC_CODE_NULL = 1,
  // The address is not a multiple of four, or of eight for a learner.
  SGC_CODE_ALIGNMENT = 2,
  // The memory overlaps other memory of the call, and one of the two is written.
  SGC_CODE_OVERLAP = 3,
  // The number is zero; at least one is needed.
  SGC_CODE_EMPTY = 4,
  // The number exceeds the capacity.
  SGC_CODE_CAPACITY = 5,
  // A number is not a number (NaN).
  SGC_CODE_NAN = 6,
  // A number is infinite; it must be finite. (A logit may be −∞, which masks its class.)
  SGC_CODE_INFINITE = 7,
  // Every class is masked; at least one must be possible.
  SGC_CODE_ALL_MASKED = 8,
  // A number is out of its range.
  SGC_CODE_OUT_OF_RANGE = 9,
  // The memory was not initialized by its `new` function, or was overwritten.
  SGC_CODE_NOT_MADE = 10,
  // The reward has no action: act first.
  SGC_CODE_ORDER = 11,
} sgc_code;

// The refused thing.
typedef enum {
  // Logits.
  SGC_THING_LOGITS = 1,
  // The number of classes.
  SGC_THING_CLASSES = 2,
  // The temperature.
  SGC_THING_TEMPERATURE = 3,
  // The generator.
  SGC_THING_GENERATOR = 4,
  // The output.
  SGC_THING_OUTPUT = 5,
  // The relaxed sample.
  SGC_THING_Y = 6,
  // The cotangent.
  SGC_THING_COTANGENT = 7,
  // The learner.
  SGC_THING_LEARNER = 8,
  // The features, or their number.
  SGC_THING_FEATURES = 9,
  // The allowed actions, or the number of actions.
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

// A generator: Marsaglia's xorshift128. A host has the same generator in the lane with the device's number.
//
// Keep the words to continue later. A state of zeros is invalid.
typedef struct {
  // The state.
  uint32_t words[4];
} sgc_generator;

// The status of a call: 0 on success. Otherwise bits 0 to 7 are an `sgc_code`, bits 8 to 15 are an `sgc_thing` (the
// refused thing), and bits 16 to 31 are the place in the refused thing, counted from 0.
typedef uint32_t sgc_status;

// Memory for a learner of up to 16 features and 4 actions. The learner is a linear-softmax policy that continues to
// learn by online REINFORCE. The control variate is a linear model that predicts the reward of every action.
// `sgc_learner_16x4_new` initializes the memory. The memory holds no pointer and may be copied and stored.
typedef struct {
  // The learner's state.
  uint64_t memory[SGC_LEARNER_16X4_WORDS];
} sgc_learner_16x4;

// The settings of a learner.
typedef struct {
  // The number of features, at least one.
  uint32_t features;
  // The number of actions, at least one.
  uint32_t actions;
  // The learning rate of the policy, above 0 and at most 1000.
  float rate;
  // The learning rate of the model of rewards, above 0 and at most 1000.
  float model_rate;
  // The weight of the entropy in the objective, from 0 to 1000.
  float entropy_bonus;
} sgc_settings;

// Memory for a learner of up to 64 features and 16 actions. Apart from the size, it is like `sgc_learner_16x4`.
typedef struct {
  // The learner's state.
  uint64_t memory[SGC_LEARNER_64X16_WORDS];
} sgc_learner_64x16;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Creates the generator of a device from a seed and the device's number.
sgc_generator sgc_generator_new(uint64_t seed, uint64_t device);

// Creates a generator from four words of a hardware generator and the device's number. Log the words: a host needs
// them to replay the device.
sgc_generator sgc_generator_from_entropy(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint64_t device);

// Writes `count` standard Gumbel numbers, −ln(−ln u); each takes a word of the generator.
sgc_status sgc_gumbel(sgc_generator *generator, uint32_t count, float *out);

// Writes `count` standard normal numbers; each takes a word of the generator.
sgc_status sgc_normal(sgc_generator *generator, uint32_t count, float *out);

// Draws a relaxed sample `y = softmax((l + G)/τ)` of up to SGC_MOST_CLASSES logits; each class takes a word of the
// generator.
//
// `tau` is from 1e-10 to 1e10. `hard`, if it is not NULL, receives the class of the largest `y`, which is an exact
// sample. With `hard` this is the forward pass of the straight-through estimator, whose gradient is
// `sgc_gumbel_softmax_vjp` of `y`.
sgc_status sgc_gumbel_softmax_sample(sgc_generator *generator,
                                     const float *logits,
                                     uint32_t classes,
                                     float tau,
                                     float *y,
                                     uint32_t *hard);

// Computes the vector–Jacobian product of a relaxed sample, for any number of classes. From `y` and `ȳ = ∂f/∂y`, it
// computes `∂f/∂l = (1/τ) y ⊙ (ȳ − ⟨y, ȳ⟩)`.
sgc_status sgc_gumbel_softmax_vjp(const float *y,
                                  const float *cotangent,
                                  uint32_t classes,
                                  float tau,
                                  float *gradient);

// Creates an untrained learner in the caller's memory.
sgc_status sgc_learner_16x4_new(sgc_learner_16x4 *learner, sgc_settings settings);

// Draws an action. `features` contains one number per feature of the learner. Each number is at most 1e6 in magnitude.
// Bit `a` of `allowed` is 1 if action `a` is possible; 0xFFFFFFFF allows all actions.
sgc_status sgc_learner_16x4_act(sgc_learner_16x4 *learner,
                                sgc_generator *generator,
                                const float *features,
                                uint32_t allowed,
                                uint32_t *action);

// Learns from the reward of the last drawn action. The reward must be from -1e6 to 1e6.
sgc_status sgc_learner_16x4_learn(sgc_learner_16x4 *learner, float reward);

// Writes the learned policy. The weights are stored feature-major: `weights[feature * actions + action]`. There is one
// bias per action.
sgc_status sgc_learner_16x4_policy(sgc_learner_16x4 *learner, float *weights, float *bias);

// Does the same as `sgc_learner_16x4_new`.
sgc_status sgc_learner_64x16_new(sgc_learner_64x16 *learner, sgc_settings settings);

// Does the same as `sgc_learner_16x4_act`.
sgc_status sgc_learner_64x16_act(sgc_learner_64x16 *learner,
                                 sgc_generator *generator,
                                 const float *features,
                                 uint32_t allowed,
                                 uint32_t *action);

// Does the same as `sgc_learner_16x4_learn`.
sgc_status sgc_learner_64x16_learn(sgc_learner_64x16 *learner, float reward);

// Does the same as `sgc_learner_16x4_policy`.
sgc_status sgc_learner_64x16_policy(sgc_learner_64x16 *learner, float *weights, float *bias);

// Draws a class from up to SGC_MOST_CLASSES logits by the inverse of the distribution function. The logit of a masked
// class is −INFINITY. Takes one word of the generator, and computes an exponential per class.
sgc_status sgc_sample(sgc_generator *generator, const float *logits, uint32_t classes, uint32_t *drawn);

// Draws a class from any number of logits by the Gumbel-max trick. For each class, it takes a word of the generator
// and computes two logarithms. It keeps nothing per class on the stack. Use it for more classes than `sgc_sample`
// allows; it is slower.
sgc_status sgc_gumbel_max_sample(sgc_generator *generator, const float *logits, uint32_t classes, uint32_t *drawn);

// Returns the error in English, such as "not a number (NaN)".
const char *sgc_code_text(sgc_status status);

// Returns the refused thing in English, such as "logits".
const char *sgc_thing_text(sgc_status status);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SAMPLEGRAD_CORE_H */
