//! Tiers of the proof: which steps they hold, and in which form.

/// A share of the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// The inner loop of a change.
    Quick,
    /// Every kind of proof in a short form: what `.ci/run` runs.
    Default,
    /// The whole of each proof.
    Full,
}

impl Tier {
    /// Whether steps run in their whole form.
    pub fn whole(self) -> bool {
        self == Tier::Full
    }

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Quick => "quick",
            Tier::Default => "default",
            Tier::Full => "full",
        }
    }
}
