//! Lanes, elementary functions, reductions, softmax.

// The functions of `elementary` are defined in three files. The test finds a call by the name of its file.
use samplegrad_core::{
    elementary, elementary as hyperbolic, elementary as trigonometry,
    lane::{Lane, Mask, Word},
    largest_sum::{self, LargestSum},
    linear, reduce,
    softmax::{self, Normalizer},
};

use super::{classes, numbers, unknown, used};

pub fn every() {
    lane();
    word();
    mask();
    let x = unknown(0.5_f32);
    used(elementary::sigmoid(x));
    used(elementary::softplus(x));
    used(elementary::log_add_exp(x, unknown(-3.0)));
    used(hyperbolic::tanh(x));
    used(hyperbolic::ln_tanh_derivative(x));
    used(trigonometry::sin(x));
    used(trigonometry::cos(x));
    used(trigonometry::sin_cos(x));
    used(reduce::sum(numbers()));
    used(reduce::dot(numbers(), numbers()));
    used(reduce::sum_in_strides(numbers()));
    used(reduce::dot_in_strides(numbers(), numbers()));
    used(reduce::max(numbers()));
    used(reduce::arg_max(numbers()));
    used(largest_sum::lost(x, x, x));
    used(largest_sum::is_less((x, x), unknown((x, x))));
    let mut largest = LargestSum::new();
    used(LargestSum::see(&mut largest, unknown(3), x, x));
    used(largest);
    let (weights, bias, x3) = (unknown([[0.5_f32; 2]; 3]), unknown([0.0; 2]), unknown([1.0; 3]));
    used(linear::map(&weights, &bias, &x3));
    used(linear::combination(&x3, x, &x3));
    let (mut moved, mut by) = (weights, bias);
    linear::add_outer(&mut moved, &mut by, &x3, &bias);
    used((moved, by));
    let (mut p, mut log_p) = ([0.0_f32], [0.0_f32]);
    let (p, log_p) = (unknown(&mut p[..]), unknown(&mut log_p[..]));
    let normalizer = softmax::exponentials(numbers(), x, p);
    used(Normalizer::mode(normalizer));
    used(Normalizer::max(normalizer));
    used(Normalizer::recip(normalizer));
    used(Normalizer::ln(normalizer));
    used(softmax::softmax(numbers(), p));
    used(softmax::log_softmax(numbers(), p, log_p));
    softmax::vjp(numbers(), numbers(), unknown(2.0), p);
    softmax::one_hot(unknown(0), log_p);
    used(softmax::log_sum_exp(numbers()));
}

fn lane() {
    let (x, y) = (unknown(0.5_f32), unknown(2.0_f32));
    used(<f32 as Lane>::splat(x));
    used(<f32 as Lane>::from_fn(|_| unknown(1.0)));
    used(Lane::extract(x, unknown(0)));
    used((x + y, x - y, x * y, x / y, -x));
    used(Lane::ln(x));
    used(Lane::exp(x));
    used(Lane::ln_1p(x));
    used(Lane::sqrt(x));
    used(Lane::abs(x));
    used(Lane::lt(x, y));
    used(Lane::gt(x, y));
    used(Lane::equals(x, y));
    used(<f32 as Lane>::select(unknown(true), x, y));
    used(Lane::to_bits(x));
    used(<f32 as Lane>::from_bits(unknown(7)));
    used(<f32 as Lane>::from_word(unknown(7)));
    used(<f32 as Lane>::from_small(unknown(7)));
    used(<f32 as Lane>::exponentials(numbers(), unknown(0), unknown(0.5), unknown(2.0), &mut unknown([0.0; 3])));
    used(<f32 as Lane>::from_signed(unknown(7)));
    used(<f32 as Lane>::normalized(unknown(7)));
    used(Lane::mantissa(x));
    used(Lane::split_integer(x));
    used(Lane::times_power(x, y));
    used(Lane::to_word(x));
    used(<f32 as Lane>::gather(numbers(), unknown(0)));
    <f32 as Lane>::add_at(unknown(&mut [0.0][..]), unknown(0), x);
    used(Lane::max(x, y));
    used(Lane::min(x, y));
    used(Lane::recip(x));
    let mut rows = unknown([[x; 3]; 5]);
    let mut out = unknown([x; 3]);
    <f32 as Lane>::add_rows(&mut out, &rows, &unknown([x; 5]));
    <f32 as Lane>::add_outer(&mut rows, &unknown([x; 5]), &out);
    <f32 as Lane>::add_outer_at(&mut rows, unknown(0), &unknown([x; 5]), y);
    <f32 as Lane>::decay_add_outer(&mut rows, y, &unknown([x; 5]), &out);
    let mut products = unknown([x; 5]);
    <f32 as Lane>::add_products(&mut products, &rows, &out);
    <f32 as Lane>::add_scaled(unknown(&mut products[..]), x, numbers());
    used((<f32 as Lane>::add_magnitudes(x, numbers()), products));
    used(<f32 as Lane>::adam_size(numbers(), numbers()));
    let [mut w, mut m, mut v] = unknown([[x; 5]; 3]);
    let [w, m, v] = [&mut w, &mut m, &mut v].map(|row| unknown(&mut row[..]));
    used(<f32 as Lane>::adam_step(w, m, v, numbers(), &unknown([y; 8])));
    used((w, m, v));
    used((rows, out));
}

fn word() {
    let (a, b) = (unknown(7_u32), unknown(9_u32));
    used(classes());
    used(<u32 as Word>::splat(a));
    used(<u32 as Word>::from_fn(|_| unknown(1)));
    used(Word::extract(a, unknown(0)));
    used(Word::wrapping_add(a, b));
    used(Word::wrapping_sub(a, b));
    used(Word::wrapping_mul(a, b));
    used(Word::mul_high(a, b));
    used(<u32 as Word>::wide_lt((a, b), (b, a)));
    used(Word::and(a, b));
    used(Word::or(a, b));
    used(Word::xor(a, b));
    used(Word::not(a));
    used(Word::shl(a, unknown(3)));
    used(Word::shr(a, unknown(3)));
    used(Word::shl_by(a, unknown(3)));
    used(Word::shr_by(a, unknown(3)));
    used(Word::shr_signed(a, unknown(3)));
    used(Word::lt_signed(a, b));
    used(Word::leading_zeros(a));
    used(Word::rotate_left_by(a, unknown(3)));
    used(<u32 as Word>::gather(&unknown([1, 2, 3]), b));
    used(Word::lt(a, b));
    used(Word::equals(a, b));
    used(<u32 as Word>::select(unknown(true), a, b));
}

fn mask() {
    let (a, b) = (unknown(true), unknown(false));
    used(<bool as Mask>::splat(a));
    used(<bool as Mask>::from_fn(|_| unknown(true)));
    used(Mask::extract(a, unknown(0)));
    used(Mask::and(a, b));
    used(Mask::or(a, b));
    used(Mask::not(a));
    used(Mask::any(a));
    used(Mask::all(a));
}
