use crate::{error::Error, multilinear::Multilinear, problem::Problem, variable_kind::Classes};

/// Creates a categorical bandit: one of `K` arms is drawn and pays its reward; the cost is minus the reward. A masked
/// arm has logit −∞.
///
/// ```
/// use samplegrad_lab::problems;
///
/// let problem = problems::bandit(&[1.0, 0.0, 9.0], &[0.0, 0.0, f32::NEG_INFINITY])?;
/// assert_eq!(problem.exact().gradient, [-0.25, 0.25, 0.0]);
/// # Ok::<(), samplegrad_lab::Error>(())
/// ```
///
/// # Errors
/// [`Error::Setting`] if the numbers of logits and rewards differ; [`Error::Cost`] for a reward that is not finite;
/// [`Error::Core`] for logits that the core refuses.
pub fn bandit(rewards: &[f32], logits: &[f32]) -> Result<Problem<Classes>, Error> {
    let count = rewards.len();
    if logits.len() != count {
        let requirement = format!("{count}, one for each reward");
        return Err(Error::Setting { what: "number of logits", found: logits.len().to_string(), requirement });
    }
    let costs = rewards.iter().map(|reward| -reward).collect();
    let formula = format!("E[−reward], one of {count} arms");
    Ok(Problem::new(format!("bandit, {count} arms"), formula, &[count], logits, Multilinear::new(&[count], costs))?
        .with_rate(0.5))
}
