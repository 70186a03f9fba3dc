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
          sg_bernoullis_estimate(9, SG_FLOATS(logits), 3, infinite, NULL, streams, SG_FLOATS_OUT(two),
                                 SG_FLOATS_OUT(y)),
          SG_STATUS_KIND);
  refused("65 bits",
          sg_bernoullis_estimate(SG_ESTIMATOR_ARM, SG_FLOATS(logits), 65, infinite, NULL, streams,
                                 SG_FLOATS_OUT(two), SG_FLOATS_OUT(y)),
          SG_STATUS_TOO_LARGE);

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

  sg_learners_free(learners);
  sg_streams_free(streams);
  sg_streams_free(NULL);
  sg_threads_free(NULL);
  sg_learners_free(NULL);
  printf("wrong: %d\n", wrong);
  return wrong ? 1 : 0;
}
