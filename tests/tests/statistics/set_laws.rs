//! Problems of a few discrete variables, and the exact distributions of their estimators in double precision.

use samplegrad_core::{
    Bernoullis, Categoricals,
    lane::{Lane, Word},
    reduce,
};

/// Capacity for all parameters.
pub const N: usize = 8;

/// Categorical variables with `D` classes in all, and a cost of their joint values.
#[derive(Clone, Copy, Debug)]
pub struct Problem<const D: usize> {
    pub sizes: &'static [usize],
    pub logits: [f32; D],
    /// Costs of the joint values; the first variable changes fastest.
    pub costs: [f32; 6],
}

const MASKED: f32 = f32::NEG_INFINITY;

/// One variable; a class with a high cost is masked.
pub const FIVE: Problem<5> =
    Problem { sizes: &[5], logits: [0.5, -0.5, 1.0, MASKED, -1.0], costs: [1.0, 4.0, -2.0, 1e6, 3.0, 0.0] };
/// One variable; one class has most of the probability.
pub const SHARP: Problem<5> =
    Problem { sizes: &[5], logits: [2.0, 0.0, 0.25, -1.0, -1.5], costs: [0.0, 1.0, 2.0, 3.0, 4.0, 0.0] };
/// One variable of five equal classes, one of which has a cost.
pub const UNIFORM: Problem<5> = Problem { sizes: &[5], logits: [0.0; 5], costs: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0] };
/// Two variables, of two and of three possible classes.
pub const PRODUCT: Problem<6> =
    Problem { sizes: &[2, 4], logits: [0.5, -0.5, 1.0, 0.0, MASKED, -1.0], costs: [1.0, -0.5, 2.0, 0.25, -1.0, 1.5] };
/// Three bits.
pub const THREE_BITS: [f32; 3] = [0.5, -1.0, 1.5];

/// Returns the variables of [`THREE_BITS`].
pub fn bits<T: Lane>() -> Bernoullis<N, T> {
    Bernoullis::new(&THREE_BITS.map(T::splat)).expect("finite logits")
}

/// Returns a cost with interactions of every order.
pub fn cost_of_bits<T: Lane>(b: &[T]) -> T {
    let sum = reduce::dot(b, &[1.0, -2.0, 0.5].map(T::splat));
    sum * sum * 0.5 + b.iter().fold(T::ONE, |product, &b| product * (b + 0.5))
}

impl<const D: usize> Problem<D> {
    pub fn variables<T: Lane>(&self) -> Categoricals<N, T> {
        Categoricals::new(self.sizes, &self.logits.map(T::splat)).expect("valid logits")
    }

    /// Returns the cost of classes. With two variables, the third class of the second one is masked and has no cost.
    pub fn cost<T: Lane>(&self) -> impl FnMut(&[T::Word]) -> T {
        let table = self.costs.map(T::splat);
        let two = self.sizes.len() == 2;
        move |x: &[T::Word]| {
            let Some((&first, rest)) = x.split_first() else { return T::ZERO };
            let Some(&second) = rest.first().filter(|_| two) else { return T::gather(&table, first) };
            let last = second.equals(T::Word::splat(3));
            let second = T::Word::select(last, T::Word::splat(2), second);
            T::gather(&table, first.wrapping_add(second.shl(1)))
        }
    }
}

/// A value of all variables.
pub struct Value {
    pub numbers: Vec<u32>,
    pub p: f64,
    pub cost: f64,
    pub score: Vec<f64>,
}

/// All possible values.
pub struct Joint {
    pub values: Vec<Value>,
}

type Exact = [Vec<f64>; 2];

impl Joint {
    pub fn of<const D: usize>(problem: &Problem<D>) -> Self {
        let mut cost = problem.cost::<f32>();
        let mut rest = &problem.logits[..];
        let laws = problem.sizes.iter().map(|&size| {
            let (own, others) = rest.split_at(size);
            rest = others;
            crate::common::softmax(own)
        });
        Self::product(
            &laws.collect::<Vec<_>>(),
            |x| cost(x),
            |law, class| law.iter().enumerate().map(|(k, p)| f64::from(u8::from(k == class)) - p).collect(),
        )
    }

    pub fn of_bits() -> Self {
        let laws = THREE_BITS.map(|l| crate::common::softmax(&[0.0, l]));
        let cost = |x: &[u32]| cost_of_bits(&x.iter().map(|&b| b as f32).collect::<Vec<_>>());
        Self::product(&laws, cost, |law, bit| vec![bit as f64 - law[1]])
    }

    fn product(
        laws: &[Vec<f64>],
        mut cost: impl FnMut(&[u32]) -> f32,
        score: impl Fn(&[f64], usize) -> Vec<f64>,
    ) -> Self {
        let count = laws.iter().map(Vec::len).product();
        let value = |mut index: usize| {
            let (mut numbers, mut p, mut scores) = (Vec::new(), 1.0, Vec::new());
            for law in laws {
                let class = index % law.len();
                index /= law.len();
                numbers.push(class as u32);
                p *= law[class];
                scores.extend(score(law, class));
            }
            let cost = if p > 0.0 { f64::from(cost(&numbers)) } else { 0.0 };
            Value { numbers, p, cost, score: scores }
        };
        Self { values: (0..count).map(value).collect() }
    }

    /// Returns the index of a value.
    pub fn place(&self, numbers: impl Iterator<Item = u32>) -> usize {
        let numbers: Vec<u32> = numbers.collect();
        self.values.iter().position(|value| value.numbers == numbers).expect("a value that exists")
    }

    /// Returns all ordered draws of `k` different possible values, with their probabilities.
    pub fn ordered(&self, k: usize) -> Vec<(Vec<usize>, f64)> {
        let mut orders = vec![(Vec::new(), 1.0)];
        for _ in 0..k {
            let longer = orders.iter().flat_map(|(order, probability): &(Vec<usize>, f64)| {
                let left: f64 = self.left(order).map(|(_, p)| p).sum();
                self.left(order)
                    .map(move |(v, p)| ([&order[..], &[v]].concat(), probability * p / left))
                    .collect::<Vec<_>>()
            });
            orders = longer.collect();
        }
        orders
    }

    fn left(&self, order: &[usize]) -> impl Iterator<Item = (usize, f64)> {
        let left = self.values.iter().map(|value| value.p).enumerate();
        left.filter(move |(v, p)| *p > 0.0 && !order.contains(v))
    }

    /// Returns mean and variance, by coordinate, of estimates with their probabilities.
    fn law(&self, estimates: impl Iterator<Item = (f64, Vec<f64>)>) -> Exact {
        let count = self.values[0].score.len();
        let (mut mean, mut square, mut total) = (vec![0.0; count], vec![0.0; count], 0.0);
        for (p, estimate) in estimates {
            total += p;
            for ((mean, square), g) in mean.iter_mut().zip(&mut square).zip(estimate) {
                *mean += p * g;
                *square += p * g * g;
            }
        }
        assert!((total - 1.0).abs() < 1e-9, "probabilities of estimates sum to {total}");
        let variances = mean.iter().zip(square).map(|(mean, square)| (square - mean * mean).max(0.0)).collect();
        [mean, variances]
    }

    /// Returns the gradient of the mean cost.
    pub fn gradient(&self) -> Vec<f64> {
        self.law(self.values.iter().map(|v| (v.p, v.score.iter().map(|s| s * v.cost).collect())))[0].clone()
    }

    /// Checks that an exact mean equals the exact gradient.
    fn unbiased(&self, exact: Exact) -> Exact {
        for (g, expected) in exact[0].iter().zip(self.gradient()) {
            assert!((g - expected).abs() < 1e-9, "an exact estimator is biased: {g} for {expected}");
        }
        exact
    }

    /// Computes the unordered-set estimator by its definition: the probability of a set is a sum over all orders of
    /// drawing it.
    pub fn unordered_set(&self, k: usize, baseline: bool) -> Exact {
        let mut sets: Vec<(Vec<usize>, f64)> = Vec::new();
        for (mut order, p) in self.ordered(k) {
            order.sort_unstable();
            match sets.iter_mut().find(|(set, _)| *set == order) {
                Some((_, total)) => *total += p,
                None => sets.push((order, p)),
            }
        }
        let estimates = sets.iter().map(|(set, probability)| {
            let p = |v: usize| self.values[v].p;
            let mut g = vec![0.0; self.values[0].score.len()];
            for &s in set {
                let without = |t: &[usize]| set.iter().copied().filter(|v| !t.contains(v)).collect::<Vec<_>>();
                let leave_one = self.probability(&without(&[s]), &[s]);
                let built_in = set.iter().map(|&t| {
                    let ratio = if t == s { 1.0 } else { self.probability(&without(&[s, t]), &[s, t]) / leave_one };
                    p(t) * ratio * self.values[t].cost
                });
                let b = if baseline { built_in.sum() } else { 0.0 };
                let weight = p(s) * leave_one / probability * (self.values[s].cost - b);
                g.iter_mut().zip(&self.values[s].score).for_each(|(g, score)| *g += weight * score);
            }
            (*probability, g)
        });
        self.unbiased(self.law(estimates))
    }

    /// Returns the probability that a set is drawn first from all possible values except `but`.
    fn probability(&self, set: &[usize], but: &[usize]) -> f64 {
        let left: f64 = self.left(but).map(|(_, p)| p).sum();
        let drawn_first = set.iter().map(|&v| {
            let rest: Vec<usize> = set.iter().copied().filter(|&w| w != v).collect();
            self.values[v].p / left * self.probability(&rest, &[but, &[v]].concat())
        });
        if set.is_empty() { 1.0 } else { drawn_first.sum() }
    }

    /// Computes sum-and-sample by its definition; the default baseline is the mean cost of the summed values.
    pub fn sum_and_sample(&self, summed: usize, baseline: Option<f64>) -> Exact {
        let mut order: Vec<&Value> = self.values.iter().collect();
        order.sort_by(|a, b| b.p.total_cmp(&a.p));
        let (sum, rest) = order.split_at(summed);
        let mass: f64 = sum.iter().map(|v| v.p).sum();
        let b = baseline.unwrap_or(sum.iter().map(|v| v.p * v.cost).sum::<f64>() / mass);
        let left: f64 = rest.iter().map(|v| v.p).sum();
        let estimates = rest.iter().filter(|v| v.p > 0.0).map(|v| {
            let mut g: Vec<f64> = v.score.iter().map(|s| left * (v.cost - b) * s).collect();
            for c in sum {
                g.iter_mut().zip(&c.score).for_each(|(g, s)| *g += c.p * (c.cost - b) * s);
            }
            (v.p / left, g)
        });
        self.unbiased(self.law(estimates))
    }

    /// Computes VIMCO by its definition over all tuples and compares its mean with the gradient of the objective.
    pub fn vimco(&self, samples: usize, arithmetic: bool) -> Exact {
        let possible: Vec<&Value> = self.values.iter().filter(|v| v.p > 0.0).collect();
        let mut tuples: Vec<Vec<&Value>> = vec![Vec::new()];
        for _ in 0..samples {
            tuples = tuples.iter().flat_map(|t| possible.iter().map(|&v| [&t[..], &[v]].concat())).collect();
        }
        let bound = |f: &[f64]| (f.iter().map(|f| f.exp()).sum::<f64>() / f.len() as f64).ln();
        let costs = |tuple: &[&Value]| tuple.iter().map(|v| v.cost).collect::<Vec<f64>>();
        let estimate = |signals: &dyn Fn(usize, &[f64]) -> f64, tuple: &Vec<&Value>| {
            let f = costs(tuple);
            let mut g = vec![0.0; self.values[0].score.len()];
            for (s, v) in tuple.iter().enumerate() {
                let signal = signals(s, &f);
                g.iter_mut().zip(&v.score).for_each(|(g, score)| *g += signal * score);
            }
            (tuple.iter().map(|v| v.p).product(), g)
        };
        let [objective, _] = self.law(tuples.iter().map(|tuple| estimate(&|_, f| bound(f), tuple)));
        let signal = |s: usize, f: &[f64]| {
            let others: Vec<f64> = f.iter().enumerate().filter(|&(t, _)| t != s).map(|(_, &f)| f).collect();
            let mut with = f.to_vec();
            with[s] = if arithmetic { bound(&others) } else { others.iter().sum::<f64>() / others.len() as f64 };
            bound(f) - bound(&with)
        };
        let exact = self.law(tuples.iter().map(|tuple| estimate(&signal, tuple)));
        for (g, expected) in exact[0].iter().zip(&objective) {
            assert!((g - expected).abs() < 1e-9, "VIMCO is biased: {g} for {expected}");
        }
        exact
    }
}
