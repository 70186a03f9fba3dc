//! The golden suites.

use samplegrad_core::lane::Lane;

use crate::{
    arrays::{Reader, Writer},
    continuous, discrete, elementary, episodes, estimators, integer, learning, networks, rebar, relaxed,
    straight_through,
};

pub use crate::arrays::Refusal;

/// Largest number of words of a case, and of its results. A device of 16 KB of memory holds two buffers of this size
/// and its stack.
pub const MAX_WORDS: usize = 640;

/// A suite: the name of its file, its input arrays in order, its output arrays in order.
#[derive(Clone, Copy, Debug)]
pub struct Suite {
    /// Name of the golden file.
    pub name: &'static str,
    /// Names of the input arrays.
    pub inputs: &'static [&'static str],
    /// Inputs that must be equal in all lanes: steering parameters.
    pub shared: &'static [&'static str],
    /// Names of the output arrays.
    pub outputs: &'static [&'static str],
}

macro_rules! suites {
    ($($name:ident [$($input:literal)*] shared [$($shared:literal)*] -> [$($output:literal)*] $module:ident::$function:ident;)*) => {
        /// Every suite that has a counterpart in the core and runs on devices. The number of a suite is its index here.
        pub const SUITES: &[Suite] = &[$(Suite {
            name: stringify!($name),
            inputs: &[$($input),*],
            shared: &[$($shared),*],
            outputs: &[$($output),*],
        }),*];

        fn dispatch<L: Lane>(suite: u32, input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
            let runs: &[fn(&mut Reader<'_>, &mut Writer<'_, L::Word>) -> Option<()>] = &[$($module::$function::<L>),*];
            runs.get(suite as usize)?(input, output)
        }
    };
}

suites! {
    gumbel_icdf_grid24 ["u"] shared [] -> ["g" "dgdu" "gbar"] continuous::gumbel_quantile;
    gumbel_icdf_mid32 ["k"] shared [] -> ["g" "u"] continuous::gumbel_of_words;
    families_icdf ["family" "a" "b" "u" "xq"] shared ["family"]
        -> ["x" "dxda" "dxdb" "logp" "score_a" "score_b" "dlogp_dx" "cdf" "impl_a" "impl_b"] continuous::families;
    gaussian ["mu" "ls" "eps" "x" "mu2" "ls2"] shared []
        -> ["z" "dz_dls" "logp" "score_mu" "score_ls" "H" "kl0" "dkl0_mu" "dkl0_ls" "kl2" "dkl2_mu" "dkl2_ls" "dkl2_mu2"
            "dkl2_ls2"] continuous::gaussian;
    gumbel_dist ["x" "loc" "scale"] shared []
        -> ["pdf" "logpdf" "cdf" "logcdf" "sf" "logsf" "dloc" "dscale" "dx" "entropy" "mean" "var"]
        continuous::gumbel_distribution;
    softmax ["logits"] shared [] -> ["p" "logp" "lse"] discrete::softmax;
    categorical ["logits"] shared [] -> ["p" "logp" "H" "dH" "score"] discrete::categorical;
    categorical_kl ["lp" "lq"] shared [] -> ["kl" "kl_uniform" "dlp" "dlq"] discrete::kl;
    bernoulli ["l" "m"] shared []
        -> ["p" "q1m" "logp1" "logp0" "H" "score1" "score0" "dH" "kl" "dkl_l" "dkl_m" "klu"] discrete::bernoulli;
    gumbel_max ["logits" "u"] shared [] -> ["hard" "z" "onehot" "margin"] discrete::gumbel_max;
    gumbel_softmax ["logits" "u" "tau" "cot"] shared ["tau"]
        -> ["g" "y" "logy" "vjp_logits" "dtau" "hard" "margin"] relaxed::gumbel_softmax;
    concrete_logprob ["logits" "y" "tau"] shared ["tau"] -> ["logp" "dlogits" "dy" "dtau" "sum_y_minus_1"]
        relaxed::concrete_on_simplex;
    exp_concrete_logprob ["logits" "x" "tau"] shared ["tau"] -> ["logp" "dlogits" "dx" "dtau" "lse_x"]
        relaxed::exp_concrete_on_simplex;
    binary_concrete ["logit" "u" "tau" "yq"] shared ["tau"]
        -> ["z" "y" "y1m" "dy_dlogit" "dy_dtau" "b" "logp" "dlogp_dlogit" "dlogp_dtau" "dlogp_dyq" "logp_z"]
        relaxed::binary_concrete;
    reinforce_samples ["logits" "x" "r" "c"] shared []
        -> ["plain" "const" "loo" "adv_loo" "logp" "biased_mean" "surrogate_loo"] learning::score_function;
    online_softmax_policy ["W0" "x" "a" "r" "lr" "decay" "rho" "b0"] shared ["lr" "decay" "rho"]
        -> ["W" "b" "p_a"] learning::online_policy;
    eligibility_trace ["score" "r" "base" "reset" "decay" "lr" "theta0"] shared ["decay" "lr"]
        -> ["e" "theta" "grad_sum"] episodes::trace;
    discounted_returns ["r" "done" "gamma" "boot"] shared ["gamma"] -> ["G"] episodes::returns;
    enumerate_bernoulli ["l" "f"] shared []
        -> ["Ef" "varf" "grad" "var" "bstar" "varstar" "var_mean" "var_loo2" "cond_diff"] estimators::bernoulli;
    enumerate_categorical ["logits" "f"] shared []
        -> ["Ef" "varf" "grad" "var" "bstar" "varstar" "var_mean" "var_loo2"] estimators::categorical;
    enumerate_cat_product ["sizes" "logits" "f"] shared ["sizes"] -> ["Ef" "varf" "grad" "var"] estimators::product;
    bernoulli_pair_estimators ["l" "u" "w" "f"] shared []
        -> ["b1" "b2" "x1" "x2" "arm" "disarm" "loo2"] estimators::pairs;
    local_expectation ["sizes" "logits" "x" "f"] shared ["sizes"] -> ["mean" "gradient"] estimators::local_expectation;
    disarm_categorical ["logits" "u" "f"] shared [] -> ["z1" "z2" "gradient"] estimators::disarm_of_classes;
    rebar_binary ["l" "u" "v" "c" "t" "w" "tau" "eta" "r" "r0"] shared ["tau" "eta"]
        -> ["z" "zt" "dzt_dl" "b" "score" "fb" "f_s" "f_st" "term_score" "term_z" "term_zt" "grad_reinforce" "grad_rebar"
            "grad_relax"] rebar::binary;
    rebar_categorical ["theta" "u" "v" "table" "c" "t" "tau" "eta" "r" "r0"] shared ["tau" "eta"]
        -> ["lse" "b" "z" "zt" "zt_un" "jac" "y" "yt" "score" "fb" "f_y" "f_yt" "term_y" "term_yt" "grad_reinforce"
            "grad_rebar" "grad_relax"] rebar::categorical;
    gumbel_rao ["theta" "v" "tau" "cot" "b"] shared ["tau"] -> ["ymean" "vjp" "vjp_m0"] straight_through::gumbel_rao;
    integer_exp2 ["d"] shared [] -> ["power"] integer::exp2;
    integer_log2 ["x"] shared [] -> ["logarithm"] integer::log2;
    integer_sample ["logits" "r"] shared [] -> ["weights" "total" "classes" "probabilities"] integer::sample;
    integer_gumbel_max ["logits" "words"] shared [] -> ["noise" "class"] integer::gumbel_max;
    integer_learn ["weights" "bias" "x" "r" "reward" "average" "rate" "decay"] shared ["rate" "decay"]
        -> ["logits" "action" "new_weights" "new_bias" "new_average"] integer::learn;
    integer_run ["state" "steps" "rate" "decay"] shared ["steps" "rate" "decay"]
        -> ["weights" "bias" "average" "hash"] integer::run;
    binary_concrete_corners ["logit" "tau" "yq"] shared ["tau"]
        -> ["logp" "dlogp_dlogit" "dlogp_dtau" "dlogp_dyq"] relaxed::binary_density;
    concrete_corners ["logits" "y" "tau"] shared ["tau"] -> ["logp" "dlogits" "dy" "dtau"] relaxed::concrete;
    exp_concrete_corners ["logits" "x" "tau"] shared ["tau"] -> ["logp" "dlogits" "dx" "dtau"] relaxed::exp_concrete;
    sin_cos_tanh ["x"] shared [] -> ["sin" "cos" "tanh" "ln_tanh_derivative"] elementary::sin_cos_tanh;
    network_step ["w" "x" "c" "z" "error"] shared [] -> ["y" "by_x" "new_z" "new_w"] networks::step;
    bounded_heads ["head" "o" "a"] shared ["head"] -> ["score" "dH"] networks::bounded;
}

/// Computes a case on a device: takes the arrays of `input` in the suite's order and writes the results to `output`.
/// Returns the number of words written.
///
/// # Errors
/// [`Refusal::TooLarge`] with the limit for a case that is too large, [`Refusal::Malformed`] for one that cannot be
/// computed.
pub fn run(suite: u32, input: &[u32], output: &mut [u32]) -> Result<usize, Refusal> {
    run_in_lanes::<f32>(suite, &[input], output)
}

/// Computes cases of one shape, one case per lane; lanes without a case repeat the last one.
///
/// # Errors
/// The errors of [`run`].
pub fn run_in_lanes<L: Lane>(suite: u32, cases: &[&[u32]], output: &mut [L::Word]) -> Result<usize, Refusal> {
    let (mut reader, mut writer) = (Reader::new(cases), Writer::new(output));
    match dispatch::<L>(suite, &mut reader, &mut writer) {
        Some(()) => Ok(writer.len()),
        None => Err(reader.refusal().or(writer.refusal()).unwrap_or(Refusal::Malformed)),
    }
}
