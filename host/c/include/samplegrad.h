// samplegrad for C. Made of the Rust sources by `cargo xtask headers`: change those, not this.
//
// Every function but those that free returns an sg_status, and writes its results through pointers. Numbers are row-major:
// each row is one distribution. A call that fails writes no result, and sg_last_message() returns the reason.
//
// Requirements: a pointer that is not NULL must point to as many numbers as its length says; a handle must have been returned
// by this library and not have been freed. The library refuses null pointers, addresses that are no multiple of four, lengths that do not fit
// together, and memory that is both an input and an output.
//
// Threads: any number of threads may use one sg_threads at once. sg_streams and sg_learners may go from thread to thread; if
// two threads use one at the same time, one of them gets SG_STATUS_BUSY and changes nothing. Each thread has its own message.
//
// Nothing unwinds into C: a fault of the library becomes SG_STATUS_PANIC. The library aborts if there is no memory left.

#ifndef SAMPLEGRAD_H
#define SAMPLEGRAD_H

#include <stddef.h>
#include <stdint.h>

// An array as an argument: SG_FLOATS(logits). Of a pointer: (sg_floats){pointer, length}.
#ifndef __cplusplus
#define SG_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define SG_FLOATS(array) ((sg_floats){(array), SG_LENGTH(array)})
#define SG_FLOATS_OUT(array) ((sg_floats_out){(array), SG_LENGTH(array)})
#define SG_WORDS(array) ((sg_words){(array), SG_LENGTH(array)})
#define SG_WORDS_OUT(array) ((sg_words_out){(array), SG_LENGTH(array)})
#endif

// Unbiased estimators of the gradient of `E[f(b)]` with respect to the logits of independent bits, from values of `f`
// alone.
typedef enum {
  // The score function of 2 samples; the baseline of each sample is the cost of the other.
  SG_ESTIMATOR_LEAVE_ONE_OUT_2 = 0,
  // The score function of 4 samples; the baseline of each sample is the mean cost of the others.
  SG_ESTIMATOR_LEAVE_ONE_OUT_4 = 1,
  // Two antithetic samples. (M. Yin and M. Zhou, ICLR 2019.)
  SG_ESTIMATOR_ARM = 2,
  // Two antithetic samples as in ARM, with the randomness that they share averaged out. (Z. Dong, A. Mnih and G.
  // Tucker, NeurIPS 2020.)
  SG_ESTIMATOR_DISARM = 3,
  // The exact sum over all values: no variance.
  SG_ESTIMATOR_ENUMERATION = 4,
  // The score function of 1 sample, without a baseline.
  SG_ESTIMATOR_SCORE_FUNCTION = 5,
  // The score function of 4 samples; the baseline of each sample is the mean cost of the others, weighted by the
  // squared norms of their scores.
  SG_ESTIMATOR_OPTIMAL_LEAVE_ONE_OUT_4 = 6,
  // The score function of 1 sample; the baseline is the cost of the most probable value. (S. J. Rennie et al., CVPR
  // 2017.)
  SG_ESTIMATOR_SELF_CRITICAL = 7,
  // 2 different samples, drawn without replacement. (W. Kool, H. van Hoof and M. Welling, ICLR 2020.)
  SG_ESTIMATOR_UNORDERED_SET_2 = 8,
  // 4 different samples, drawn without replacement. (W. Kool, H. van Hoof and M. Welling, ICLR 2020.)
  SG_ESTIMATOR_UNORDERED_SET_4 = 9,
  // The sum over the 2 most probable values, and 1 sample of the others. (C. Liang et al., NeurIPS 2018.)
  SG_ESTIMATOR_SUM_AND_SAMPLE_2 = 10,
  // One sample, and the sum over the values of each variable in turn. (M. K. Titsias and M. Lázaro-Gredilla, NeurIPS
  // 2015.)
  SG_ESTIMATOR_LOCAL_EXPECTATION = 11,
} sg_estimator;

// Unbiased estimators of the gradient of `E[f(x)]` with respect to the logits of independent categorical variables,
// from values of `f` alone. An estimator has the same number as in `sg_estimator`.
typedef enum {
  // The score function of 2 samples; the baseline of each sample is the cost of the other.
  SG_CLASS_ESTIMATOR_LEAVE_ONE_OUT_2 = 0,
  // The score function of 4 samples; the baseline of each sample is the mean cost of the others.
  SG_CLASS_ESTIMATOR_LEAVE_ONE_OUT_4 = 1,
  // Two antithetic samples, drawn by stick-breaking. (Z. Dong, A. Mnih and G. Tucker, NeurIPS 2021.)
  SG_CLASS_ESTIMATOR_DISARM = 3,
  // The exact sum over all values: no variance.
  SG_CLASS_ESTIMATOR_ENUMERATION = 4,
  // The score function of 1 sample, without a baseline.
  SG_CLASS_ESTIMATOR_SCORE_FUNCTION = 5,
  // The score function of 4 samples; the baseline of each sample is the mean cost of the others, weighted by the
  // squared norms of their scores.
  SG_CLASS_ESTIMATOR_OPTIMAL_LEAVE_ONE_OUT_4 = 6,
  // The score function of 1 sample; the baseline is the cost of the most probable value. (S. J. Rennie et al., CVPR
  // 2017.)
  SG_CLASS_ESTIMATOR_SELF_CRITICAL = 7,
  // 2 different samples, drawn without replacement. (W. Kool, H. van Hoof and M. Welling, ICLR 2020.)
  SG_CLASS_ESTIMATOR_UNORDERED_SET_2 = 8,
  // 4 different samples, drawn without replacement. (W. Kool, H. van Hoof and M. Welling, ICLR 2020.)
  SG_CLASS_ESTIMATOR_UNORDERED_SET_4 = 9,
  // The sum over the 2 most probable values, and 1 sample of the others. (C. Liang et al., NeurIPS 2018.)
  SG_CLASS_ESTIMATOR_SUM_AND_SAMPLE_2 = 10,
  // One sample, and the sum over the values of each variable in turn. (M. K. Titsias and M. Lázaro-Gredilla, NeurIPS
  // 2015.)
  SG_CLASS_ESTIMATOR_LOCAL_EXPECTATION = 11,
} sg_class_estimator;


// The most bits of a row.
#define SG_MOST_BITS 64

// The most logits of a row of categorical variables.
#define SG_MOST_LOGITS 64

// The most values of a row of categorical variables, the product of the numbers of classes, for
// SG_CLASS_ESTIMATOR_ENUMERATION.
#define SG_MOST_VALUES 65536

// The most features of a learner.
#define SG_MOST_FEATURES 64

// The most actions of a learner.
#define SG_MOST_ACTIONS 16

// The result of a call.
typedef enum {
  // Success.
  SG_STATUS_OK = 0,
  // A null pointer.
  SG_STATUS_NULL = 1,
  // A pointer that is not a multiple of the size of its elements.
  SG_STATUS_ALIGNMENT = 2,
  // Memory that is written and also read, or written twice.
  SG_STATUS_OVERLAP = 3,
  // An empty input.
  SG_STATUS_EMPTY = 4,
  // A length that does not fit.
  SG_STATUS_LENGTH = 5,
  // An invalid number; the message has its name and place.
  SG_STATUS_VALUE = 6,
  // An unknown kind.
  SG_STATUS_KIND = 7,
  // Too large for this machine or for this library.
  SG_STATUS_TOO_LARGE = 8,
  // A handle that another thread is using.
  SG_STATUS_BUSY = 9,
  // Rewards without actions that wait for them: act first.
  SG_STATUS_ORDER = 10,
  // A fault of this library that was caught. Outputs are unreliable; the handles of the call can only be freed.
  SG_STATUS_PANIC = 11,
} sg_status;

// Kinds of standard noise.
typedef enum {
  // Uniform on (0, 1), all 32 bits.
  SG_NOISE_UNIFORM = 0,
  // Exponential of mean 1.
  SG_NOISE_EXPONENTIAL = 1,
  // Gumbel, −ln(−ln u).
  SG_NOISE_GUMBEL = 2,
  // Logistic.
  SG_NOISE_LOGISTIC = 3,
  // Normal.
  SG_NOISE_NORMAL = 4,
  // Laplace.
  SG_NOISE_LAPLACE = 5,
  // Cauchy.
  SG_NOISE_CAUCHY = 6,
} sg_noise;

// The baseline with which a learner compares rewards.
typedef enum {
  // A moving average of the rewards; its parameter is the decay, the weight of past rewards, from 0 to 1.
  SG_BASELINE_MOVING_AVERAGE = 0,
  // A linear model that predicts the reward of every action. It is a control variate whose mean is added back. Its
  // parameter is the model's learning rate.
  SG_BASELINE_ACTION_MODEL = 1,
} sg_baseline;

// Learners, each with its own weights and random numbers: linear-softmax policies that learn online by REINFORCE, one
// step per reward. Each learner has the bits of the device with the same number.
//
// Learners may be used by one thread at a time. A second thread gets SG_STATUS_BUSY.
typedef struct sg_learners sg_learners;

// Streams of random numbers: row `b` of a batch draws from stream `b mod count`, as the device with the number of the
// stream does.
//
// Streams may be used by one thread at a time. A second thread gets SG_STATUS_BUSY.
typedef struct sg_streams sg_streams;

// Threads that share the rows of a batch. No result depends on their number.
//
// Any number of threads may use one `sg_threads` at the same time. After a fork, the child creates the same number of
// new threads at the first use.
typedef struct sg_threads sg_threads;

// Numbers to read.
typedef struct {
  // The first element.
  const float *data;
  // The number of elements.
  size_t length;
} sg_floats;

// Room for numbers to write.
typedef struct {
  // The first element.
  float *data;
  // The number of elements that fit.
  size_t length;
} sg_floats_out;

// Words to read, such as classes.
typedef struct {
  // The first element.
  const uint32_t *data;
  // The number of elements.
  size_t length;
} sg_words;

// Room for words to write.
typedef struct {
  // The first element.
  uint32_t *data;
  // The number of elements that fit.
  size_t length;
} sg_words_out;

// The cost function `f` of a row of `count` bits, each 0 or 1; `context` is the pointer passed with the function. The
// function must return: no `longjmp` and no C++ exception may leave it. The function may not use the streams of the
// call that evaluates it.
typedef float (*sg_cost)(const float *bits, size_t count, size_t row, void *context);

// The cost function `f` of a row of `count` categorical variables; `classes` has the class of each variable, from 0,
// and `context` is the pointer passed with the function. The function must return: no `longjmp` and no C++ exception
// may leave it. The function may not use the streams of the call that evaluates it.
//
// Four rows are computed at a time. SG_CLASS_ESTIMATOR_ENUMERATION and SG_CLASS_ESTIMATOR_LOCAL_EXPECTATION may pass a
// class that is masked in this row and possible in another row. They ignore the cost in this row then.
typedef float (*sg_class_cost)(const uint32_t *classes, size_t count, size_t row, void *context);

// The settings of learners.
typedef struct {
  // The number of features of each learner, 1 to SG_MOST_FEATURES.
  size_t features;
  // The number of actions of each learner, 1 to SG_MOST_ACTIONS.
  size_t actions;
  // The learning rate, above 0 and at most 1000.
  float rate;
  // The weight of the entropy in the objective, from 0 to 1000.
  float entropy_bonus;
  // An `sg_baseline`.
  uint32_t baseline;
  // The baseline's parameter.
  float baseline_parameter;
} sg_learner_settings;

// Bytes to read, such as truth values.
typedef struct {
  // The first element.
  const uint8_t *data;
  // The number of elements.
  size_t length;
} sg_bytes;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Writes `p = softmax(l)` and `ln p`, row-major, with `classes` numbers per row.
sg_status sg_categorical_probabilities(sg_floats logits, size_t classes, sg_floats_out p, sg_floats_out log_p);

// Writes `ln p` of the class that `drawn` gives for each row.
sg_status sg_categorical_log_prob(sg_floats logits, size_t classes, sg_words drawn, sg_floats_out log_prob);

// Writes the entropy of each row in nats, one number per row.
sg_status sg_categorical_entropy(sg_floats logits, size_t classes, sg_floats_out entropy);

// Writes the log-density of the Concrete distribution at a point of the simplex, for each row.
//
// `logits` and `point` have rows of `classes` numbers, and `density` has room for one number per row. Coordinates of
// possible classes are above 0. (C. J. Maddison, A. Mnih and Y. W. Teh, ICLR 2017, equation 22.)
sg_status sg_concrete_log_density(const sg_threads *threads,
                                  sg_floats logits,
                                  size_t classes,
                                  float tau,
                                  sg_floats point,
                                  sg_floats_out density);

// Writes the log-density of the ExpConcrete distribution at the logarithm of a point of the simplex, with the shapes
// of `sg_concrete_log_density`. The log-density is finite even where a coordinate of the point is too small for a
// float.
sg_status sg_concrete_log_density_exp(const sg_threads *threads,
                                      sg_floats logits,
                                      size_t classes,
                                      float tau,
                                      sg_floats log_point,
                                      sg_floats_out density);

// Writes the gradients of `sg_concrete_log_density` with respect to the logits, the point and the temperature. The
// first two gradients have rows of `classes` numbers; the third has one number per row.
sg_status sg_concrete_gradient(const sg_threads *threads,
                               sg_floats logits,
                               size_t classes,
                               float tau,
                               sg_floats point,
                               sg_floats_out by_logits,
                               sg_floats_out by_point,
                               sg_floats_out by_temperature);

// Draws relaxed samples `y = softmax((l + G)/τ)`, one word of the stream per class.
//
// `logits` and `y` have rows of `classes` numbers; −INFINITY masks a class. `tau` is from 1e-10 to 1e10. (E. Jang, S.
// Gu and B. Poole; C. J. Maddison, A. Mnih and Y. W. Teh; both ICLR 2017.)
sg_status sg_gumbel_softmax_sample(const sg_threads *threads,
                                   sg_floats logits,
                                   size_t classes,
                                   float tau,
                                   sg_streams *streams,
                                   sg_floats_out y);

// Computes relaxed samples for given Gumbel noise. The noise must be finite, in rows of `classes` numbers.
sg_status sg_gumbel_softmax_with_noise(const sg_threads *threads,
                                       sg_floats logits,
                                       size_t classes,
                                       float tau,
                                       sg_floats noise,
                                       sg_floats_out y);

// Computes the vector–Jacobian product `∂f/∂l = (1/τ) y ⊙ (ȳ − ⟨y, ȳ⟩)` of relaxed samples `y` for the cotangent `ȳ =
// ∂f/∂y`. All arrays are finite, in rows of `classes` numbers.
sg_status sg_gumbel_softmax_vjp(const sg_threads *threads,
                                sg_floats y,
                                sg_floats cotangent,
                                size_t classes,
                                float tau,
                                sg_floats_out gradient);

// Computes `∂f/∂τ` of each row, for the noise that was passed to `sg_gumbel_softmax_with_noise`; `gradient` has room
// for one number per row.
sg_status sg_gumbel_softmax_vjp_temperature(const sg_threads *threads,
                                            sg_floats logits,
                                            size_t classes,
                                            float tau,
                                            sg_floats noise,
                                            sg_floats cotangent,
                                            sg_floats_out gradient);

// Fills the rows of `out`, each of `columns` numbers, with one kind of noise, an `sg_noise`. Row `b` is drawn from
// stream `b mod n`, in order.
//
// `threads` may be NULL in every function of this library: the caller's thread then does all the work.
sg_status sg_noise_fill(const sg_threads *threads,
                        uint32_t noise,
                        size_t columns,
                        sg_streams *streams,
                        sg_floats_out out);

// Draws a class from each row of logits by the Gumbel-max trick, `argmax (l + G)`: one word of the stream per class.
//
// `logits` has rows of `classes` numbers; −INFINITY masks a class. `drawn` has room for one class per row.
sg_status sg_gumbel_max_sample(const sg_threads *threads,
                               sg_floats logits,
                               size_t classes,
                               sg_streams *streams,
                               sg_words_out drawn);

// Draws a class from each row of logits by the inverse of the distribution function: one word of the stream per row.
// This is the cheapest method where only a class is needed.
//
// The shapes are as in `sg_gumbel_max_sample`.
sg_status sg_inverse_cdf_sample(const sg_threads *threads,
                                sg_floats logits,
                                size_t classes,
                                sg_streams *streams,
                                sg_words_out drawn);

// Writes leave-one-out advantages: each cost minus the mean of the other costs in its row. A row has `samples` finite
// costs, at least two.
sg_status sg_leave_one_out_advantages(sg_floats costs, size_t samples, sg_floats_out advantages);

// Writes the score-function (REINFORCE) estimate of `∂E[f]/∂l` of each row. The estimate is the mean of the advantage
// times `onehot(class) − softmax(l)` over the `samples` of the row.
//
// `logits` and `gradient` have rows of `classes` numbers, `drawn` and `advantages` rows of `samples` numbers. (R. J.
// Williams, Machine Learning 8, 1992; with `sg_leave_one_out_advantages` the estimate is unbiased.)
sg_status sg_score_function_estimate(const sg_threads *threads,
                                     sg_floats logits,
                                     size_t classes,
                                     size_t samples,
                                     sg_words drawn,
                                     sg_floats advantages,
                                     sg_floats_out gradient);

// Draws straight-through Gumbel-softmax samples: the class of each row and the relaxed sample of the same draw.
//
// `drawn` has room for one class per row, `soft` for rows of `classes` numbers. The gradient is
// `sg_gumbel_softmax_vjp` of `soft`, with `∂f/∂y` at the drawn class as its cotangent.
sg_status sg_straight_through_sample(const sg_threads *threads,
                                     sg_floats logits,
                                     size_t classes,
                                     float tau,
                                     sg_streams *streams,
                                     sg_words_out drawn,
                                     sg_floats_out soft);

// Estimates `E[f(b)]` and its gradient with respect to the logits by an `sg_estimator`. A row has `bits` independent
// bits with P(b = 1) = 1/(1 + e^−l).
//
// `logits` and `gradient` have rows of `bits` numbers. `bits` is at most SG_MOST_BITS, or 16 for
// SG_ESTIMATOR_ENUMERATION. `mean` has room for one number per row. `cost` is called in the caller's thread, for four
// rows at a time, one row after the other. If a cost is not finite, nothing is written and the streams are unchanged.
sg_status sg_bernoullis_estimate(uint32_t estimator,
                                 sg_floats logits,
                                 size_t bits,
                                 sg_cost cost,
                                 void *context,
                                 sg_streams *streams,
                                 sg_floats_out mean,
                                 sg_floats_out gradient);

// Estimates `E[f(x)]` and its gradient with respect to the logits by an `sg_class_estimator`. A row has independent
// categorical variables, and `sizes` has the number of classes of each variable, the same for all rows.
//
// `logits` and `gradient` have rows of the logits of all variables, one variable after the other. The number of logits
// of a row is the sum of `sizes`, at most SG_MOST_LOGITS. −INFINITY masks a class. `mean` has room for one number per
// row. `cost` is called in the caller's thread, for four rows at a time, one row after the other. If a cost is not
// finite, nothing is written and the streams are unchanged.
sg_status sg_categoricals_estimate(uint32_t estimator,
                                   sg_floats logits,
                                   sg_words sizes,
                                   sg_class_cost cost,
                                   void *context,
                                   sg_streams *streams,
                                   sg_floats_out mean,
                                   sg_floats_out gradient);

// Creates `count` untrained learners. Learner `i` draws from stream number `first + i` of the seed. Free them with
// `sg_learners_free`.
sg_status sg_learners_new(sg_learner_settings settings, size_t count, uint64_t seed, uint64_t first, sg_learners **out);

// Draws an action for every learner.
//
// `features` has one row per learner. Each feature is at most 1e6 in magnitude. `allowed` has a byte for every action
// of every learner, 0 for an impossible action; with length 0 all actions are possible. `drawn` has room for one
// action per learner.
sg_status sg_learners_act(sg_learners *learners, sg_floats features, sg_bytes allowed, sg_words_out drawn);

// Learns from the rewards of the actions drawn last, one per learner, from -1e6 to 1e6.
sg_status sg_learners_learn(sg_learners *learners, sg_floats rewards);

// Writes the parameters of a learner: the weights, feature-major, `weights[feature * actions + action]`, and one bias
// per action. The logit of an action is its bias plus the features times its weights.
sg_status sg_learners_policy(sg_learners *learners, size_t number, sg_floats_out weights, sg_floats_out bias);

// Frees learners; does nothing for NULL.
void sg_learners_free(sg_learners *learners);

// Returns the message of the last failed call of this thread, in English, UTF-8. The message is empty if no call has
// failed. It is valid until the next failed call of this thread, and must not be freed.
//
// The message is per thread, not a buffer in every call: the caller needs no buffer size and no further argument, and
// no other thread can overwrite it.
const char *sg_last_message(void);

// Returns the version of this library, such as "0.3.0".
const char *sg_version(void);

// Creates streams number 0 to `count` − 1 of a seed, and writes their handle to `out`. Free it with `sg_streams_free`.
sg_status sg_streams_new(uint64_t seed,
                         size_t count,
                         sg_streams **out);

// Creates streams that continue from given states, four words each. The states were written by `sg_streams_states` or
// by a device.
sg_status sg_streams_from_states(sg_words states, sg_streams **out);

// Writes the number of streams.
sg_status sg_streams_count(sg_streams *streams, size_t *count);

// Writes the current states of all streams, four words each. Each state equals the state of the device with the number
// of the stream.
sg_status sg_streams_states(sg_streams *streams, sg_words_out states);

// Frees streams; does nothing for NULL.
void sg_streams_free(sg_streams *streams);

// Creates `count` threads, which wait until there is work. Free them with `sg_threads_free`.
sg_status sg_threads_new(size_t count, sg_threads **out);

// Ends the threads; does nothing for NULL.
void sg_threads_free(sg_threads *threads);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SAMPLEGRAD_H */
