// Every kind of bad input, from C: each call must be refused with its code and a message, and write nothing.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "samplegrad.h"

static int wrong = 0;

static void refused(const char *name, sg_status found, sg_status expected) {
  printf("%s: %d %s\n", name, (int)found, sg_last_message());
  if (found != expected || sg_last_message()[0] == '\0') wrong++;
}

static sg_streams *inside;

static float infinite(const float *bits, size_t count, size_t row, void *context) {
  (void)bits, (void)count, (void)row, (void)context;
  return INFINITY;
}

static float nested(const float *bits, size_t count, size_t row, void *context) {
  size_t streams = 0;
  (void)bits, (void)count, (void)row;
  *(sg_status *)context = sg_streams_count(inside, &streams);
  return 0.0f;
}

static float nan_of_last_row(const uint32_t *classes, size_t count, size_t row, void *context) {
  (void)classes, (void)count, (void)context;
  return row == 1 ? NAN : 1.0f;
}

static float nested_of_classes(const uint32_t *classes, size_t count, size_t row, void *context) {
  (void)classes;
  return nested(NULL, count, row, context);
}

// Estimates for two rows, by an estimator of classes. No call may succeed.
static void classes_refused(const char *name, uint32_t estimator, sg_floats logits, sg_words sizes, sg_class_cost cost,
                            sg_streams *streams, sg_status expected) {
  float mean[2] = {7, 7}, gradient[6] = {7, 7, 7, 7, 7, 7};
  refused(name,
          sg_categoricals_estimate(estimator, logits, sizes, cost, NULL, streams, SG_FLOATS_OUT(mean),
                                   SG_FLOATS_OUT(gradient)),
          expected);
  for (size_t i = 0; i < 6; i++) wrong += mean[i % 2] != 7 || gradient[i] != 7;
}

int main(void) {
  float logits[6] = {0}, y[6] = {7, 7, 7, 7, 7, 7}, before[6], bad[6] = {0, 0, 0, 0, NAN, 0}, two[2], one[1];
  uint32_t drawn[2], states[8], before_states[8];
  memcpy(before, y, sizeof y);
  sg_streams *streams = NULL, *other = NULL;
  sg_threads *threads = NULL;
  sg_learners *learners = NULL;
  if (sg_streams_new(1, 2, &streams)) return 2;
  if (sg_streams_states(streams, SG_WORDS_OUT(before_states))) return 2;
  inside = streams;

  refused("no streams", sg_streams_new(1, 0, &other), SG_STATUS_EMPTY);
  refused("streams beyond memory", sg_streams_new(1, SIZE_MAX / 8, &other), SG_STATUS_TOO_LARGE);
  refused("no place for streams", sg_streams_new(1, 1, NULL), SG_STATUS_NULL);
  refused("states of three words", sg_streams_from_states((sg_words){before_states, 3}, &other), SG_STATUS_LENGTH);
  memset(states, 0, sizeof states);
  refused("state of zeros", sg_streams_from_states((sg_words){states, 4}, &other), SG_STATUS_EMPTY);
  refused("no threads", sg_threads_new(0, &threads), SG_STATUS_EMPTY);

  refused("null logits", sg_gumbel_softmax_sample(NULL, (sg_floats){NULL, 6}, 3, 1, streams, SG_FLOATS_OUT(y)),
          SG_STATUS_NULL);
  refused("null streams", sg_gumbel_softmax_sample(NULL, SG_FLOATS(logits), 3, 1, NULL, SG_FLOATS_OUT(y)),
          SG_STATUS_NULL);
  refused("null y", sg_gumbel_softmax_sample(NULL, SG_FLOATS(logits), 3, 1, streams, (sg_floats_out){NULL, 6}),
          SG_STATUS_NULL);
  refused("odd address",
          sg_gumbel_softmax_sample(NULL, (sg_floats){(const float *)((const char *)logits + 1), 3}, 3, 1, streams,
                                   SG_FLOATS_OUT(y)),
          SG_STATUS_ALIGNMENT);
  refused("in place", sg_gumbel_softmax_sample(NULL, (sg_floats){y, 6}, 3, 1, streams, SG_FLOATS_OUT(y)),
          SG_STATUS_OVERLAP);
  refused("ragged", sg_gumbel_softmax_sample(NULL, SG_FLOATS(logits), 4, 1, streams, SG_FLOATS_OUT(y)),
          SG_STATUS_LENGTH);
  refused("short y", sg_gumbel_softmax_sample(NULL, SG_FLOATS(logits), 3, 1, streams, (sg_floats_out){y, 5}),
          SG_STATUS_LENGTH);
  refused("no classes", sg_gumbel_softmax_sample(NULL, SG_FLOATS(logits), 0, 1, streams, SG_FLOATS_OUT(y)),
          SG_STATUS_EMPTY);
  refused("NaN", sg_gumbel_softmax_sample(NULL, SG_FLOATS(bad), 3, 1, streams, SG_FLOATS_OUT(y)), SG_STATUS_VALUE);
  refused("temperature 0", sg_gumbel_softmax_sample(NULL, SG_FLOATS(logits), 3, 0, streams, SG_FLOATS_OUT(y)),
          SG_STATUS_VALUE);
  refused("no such noise", sg_noise_fill(NULL, 99, 3, streams, SG_FLOATS_OUT(y)), SG_STATUS_KIND);
  refused("no such class",
          sg_categorical_log_prob(SG_FLOATS(logits), 3, (sg_words){(const uint32_t[]){0, 3}, 2}, SG_FLOATS_OUT(two)),
          SG_STATUS_VALUE);
  refused("one sample", sg_leave_one_out_advantages(SG_FLOATS(logits), 1, SG_FLOATS_OUT(y)), SG_STATUS_EMPTY);
  refused("a cost of NaN", sg_leave_one_out_advantages(SG_FLOATS(bad), 3, SG_FLOATS_OUT(y)), SG_STATUS_VALUE);
  refused("an advantage of NaN",
          sg_score_function_estimate(NULL, SG_FLOATS(logits), 3, 3, (sg_words){(const uint32_t[]){0, 1, 2, 0, 1, 2}, 6},
                                     SG_FLOATS(bad), SG_FLOATS_OUT(y)),
          SG_STATUS_VALUE);
  refused("a cotangent of NaN", sg_gumbel_softmax_vjp(NULL, SG_FLOATS(logits), SG_FLOATS(bad), 3, 1, SG_FLOATS_OUT(y)),
          SG_STATUS_VALUE);
  refused("a cotangent of NaN, by temperature",
          sg_gumbel_softmax_vjp_temperature(NULL, SG_FLOATS(logits), 3, 1, SG_FLOATS(logits), SG_FLOATS(bad),
                                            SG_FLOATS_OUT(two)),
          SG_STATUS_VALUE);
  float shifted[10] = {0};
  refused("shifted by four numbers",
          sg_gumbel_softmax_with_noise(NULL, (sg_floats){shifted, 6}, 3, 1, SG_FLOATS(logits),
                                       (sg_floats_out){shifted + 4, 6}),
          SG_STATUS_OVERLAP);
  refused("two outputs in one place",
          sg_categorical_probabilities(SG_FLOATS(logits), 3, (sg_floats_out){shifted, 6},
                                       (sg_floats_out){shifted + 4, 6}),
          SG_STATUS_OVERLAP);
  refused("samples beyond memory",
          sg_score_function_estimate(NULL, SG_FLOATS(logits), 3, SIZE_MAX, SG_WORDS(before_states), SG_FLOATS(bad),
                                     SG_FLOATS_OUT(y)),
          SG_STATUS_TOO_LARGE);

  refused("no cost",
          sg_bernoullis_estimate(SG_ESTIMATOR_ARM, SG_FLOATS(logits), 3, NULL, NULL, streams, SG_FLOATS_OUT(two),
                                 SG_FLOATS_OUT(y)),
          SG_STATUS_NULL);
  refused("infinite cost",
          sg_bernoullis_estimate(SG_ESTIMATOR_ARM, SG_FLOATS(logits), 3, infinite, NULL, streams, SG_FLOATS_OUT(two),
                                 SG_FLOATS_OUT(y)),
          SG_STATUS_VALUE);
  refused("no such estimator",
          sg_bernoullis_estimate(999, SG_FLOATS(logits), 3, infinite, NULL, streams, SG_FLOATS_OUT(two),
                                 SG_FLOATS_OUT(y)),
          SG_STATUS_KIND);
  refused("65 bits",
          sg_bernoullis_estimate(SG_ESTIMATOR_ARM, SG_FLOATS(logits), 65, infinite, NULL, streams,
                                 SG_FLOATS_OUT(two), SG_FLOATS_OUT(y)),
          SG_STATUS_TOO_LARGE);

  refused("17 bits by enumeration",
          sg_bernoullis_estimate(SG_ESTIMATOR_ENUMERATION, SG_FLOATS(logits), 17, infinite, NULL, streams,
                                 SG_FLOATS_OUT(two), SG_FLOATS_OUT(y)),
          SG_STATUS_TOO_LARGE);

  sg_floats six = SG_FLOATS(logits);
  const uint32_t pair[2] = {2, 1}, four[2] = {2, 2}, none[2] = {3, 0}, many[2] = {33, 32}, huge[2] = {UINT32_MAX, 1};
  const uint32_t values[7] = {5, 5, 5, 5, 5, 5, 5};
  const uint32_t kind = SG_CLASS_ESTIMATOR_DISARM, exact = SG_CLASS_ESTIMATOR_ENUMERATION;
  classes_refused("no cost of classes", kind, six, SG_WORDS(pair), NULL, streams, SG_STATUS_NULL);
  classes_refused("a cost of classes of NaN", kind, six, SG_WORDS(pair), nan_of_last_row, streams, SG_STATUS_VALUE);
  classes_refused("a cost of NaN by enumeration", exact, six, SG_WORDS(pair), nan_of_last_row, streams,
                  SG_STATUS_VALUE);
  classes_refused("ARM of classes", SG_ESTIMATOR_ARM, six, SG_WORDS(pair), nan_of_last_row, streams, SG_STATUS_KIND);
  classes_refused("no sizes", kind, six, (sg_words){NULL, 2}, nan_of_last_row, streams, SG_STATUS_NULL);
  classes_refused("no variable", kind, six, (sg_words){pair, 0}, nan_of_last_row, streams, SG_STATUS_EMPTY);
  classes_refused("no class", kind, six, SG_WORDS(none), nan_of_last_row, streams, SG_STATUS_EMPTY);
  classes_refused("sizes that do not fit", kind, six, SG_WORDS(four), nan_of_last_row, streams, SG_STATUS_LENGTH);
  classes_refused("65 logits", kind, six, SG_WORDS(many), nan_of_last_row, streams, SG_STATUS_TOO_LARGE);
  classes_refused("sizes beyond memory", kind, six, SG_WORDS(huge), nan_of_last_row, streams, SG_STATUS_TOO_LARGE);
  classes_refused("78125 values", exact, six, SG_WORDS(values), nan_of_last_row, streams, SG_STATUS_TOO_LARGE);
  classes_refused("a logit of NaN", kind, SG_FLOATS(bad), SG_WORDS(pair), nan_of_last_row, streams, SG_STATUS_VALUE);
  classes_refused("no streams for classes", kind, six, SG_WORDS(pair), nan_of_last_row, NULL, SG_STATUS_NULL);
  refused("a short mean",
          sg_categoricals_estimate(kind, six, SG_WORDS(pair), nan_of_last_row, NULL, streams, SG_FLOATS_OUT(one),
                                   SG_FLOATS_OUT(y)),
          SG_STATUS_LENGTH);
  refused("a short gradient",
          sg_categoricals_estimate(kind, six, SG_WORDS(pair), nan_of_last_row, NULL, streams, SG_FLOATS_OUT(two),
                                   (sg_floats_out){y, 5}),
          SG_STATUS_LENGTH);
  refused("a gradient in the logits",
          sg_categoricals_estimate(kind, six, SG_WORDS(pair), nan_of_last_row, NULL, streams, SG_FLOATS_OUT(two),
                                   SG_FLOATS_OUT(logits)),
          SG_STATUS_OVERLAP);

  sg_learner_settings settings = {3, 2, 0.1f, 0, SG_BASELINE_MOVING_AVERAGE, 0.9f};
  settings.actions = 17;
  refused("17 actions", sg_learners_new(settings, 2, 1, 0, &learners), SG_STATUS_TOO_LARGE);
  settings.actions = 2, settings.rate = -1;
  refused("negative rate", sg_learners_new(settings, 2, 1, 0, &learners), SG_STATUS_VALUE);
  settings.rate = 0.1f, settings.baseline = 7;
  refused("no such baseline", sg_learners_new(settings, 2, 1, 0, &learners), SG_STATUS_KIND);
  settings.baseline = SG_BASELINE_MOVING_AVERAGE;
  if (sg_learners_new(settings, 2, 1, 0, &learners)) return 2;
  refused("learn first", sg_learners_learn(learners, SG_FLOATS(two)), SG_STATUS_ORDER);
  refused("feature NaN", sg_learners_act(learners, SG_FLOATS(bad), (sg_bytes){NULL, 0}, SG_WORDS_OUT(drawn)),
          SG_STATUS_VALUE);
  refused("nothing allowed",
          sg_learners_act(learners, SG_FLOATS(logits), (sg_bytes){(const uint8_t[]){1, 1, 0, 0}, 4},
                          SG_WORDS_OUT(drawn)),
          SG_STATUS_VALUE);
  if (sg_learners_act(learners, SG_FLOATS(logits), (sg_bytes){(const uint8_t[]){0, 1, 1, 0}, 4}, SG_WORDS_OUT(drawn)))
    return 2;
  if (drawn[0] != 1 || drawn[1] != 0) wrong++;
  refused("one reward", sg_learners_learn(learners, (sg_floats){logits, 1}), SG_STATUS_LENGTH);
  refused("a reward of NaN", sg_learners_learn(learners, (sg_floats){bad + 3, 2}), SG_STATUS_VALUE);
  refused("no such learner", sg_learners_policy(learners, 2, SG_FLOATS_OUT(y), SG_FLOATS_OUT(two)), SG_STATUS_VALUE);
  refused("room for one bias", sg_learners_policy(learners, 1, SG_FLOATS_OUT(y), SG_FLOATS_OUT(one)),
          SG_STATUS_LENGTH);
  if (sg_learners_learn(learners, (sg_floats){logits, 2})) return 2;

  // Refused calls have written nothing and drawn nothing.
  if (sg_streams_states(streams, SG_WORDS_OUT(states))) return 2;
  if (memcmp(before, y, sizeof y) || memcmp(states, before_states, sizeof states)) wrong++;

  sg_status within = SG_STATUS_OK;
  if (sg_bernoullis_estimate(SG_ESTIMATOR_ARM, SG_FLOATS(logits), 3, nested, &within, streams, SG_FLOATS_OUT(two),
                             SG_FLOATS_OUT(y)))
    return 2;
  refused("streams of a call that asks", within, SG_STATUS_BUSY);
  within = SG_STATUS_OK;
  if (sg_categoricals_estimate(kind, six, SG_WORDS(pair), nested_of_classes, &within, streams, SG_FLOATS_OUT(two),
                               SG_FLOATS_OUT(y)))
    return 2;
  refused("streams of a call of classes", within, SG_STATUS_BUSY);

  sg_learners_free(learners);
  sg_streams_free(streams);
  sg_streams_free(NULL);
  sg_threads_free(NULL);
  sg_learners_free(NULL);
  printf("wrong: %d\n", wrong);
  return wrong ? 1 : 0;
}
