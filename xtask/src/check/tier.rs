//! Tiers of the proof: their steps and the steps' forms.

/// A share of the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Inner loop of a change.
    Quick,
    /// Every kind of proof in a short form: `.ci/run` runs this tier.
    Default,
    /// The whole of each proof.
    Full,
}

impl Tier {
    /// Returns whether steps run in their whole form.
    pub fn whole(self) -> bool {
        self == Tier::Full
    }

    /// Returns the tier's name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Quick => "quick",
            Tier::Default => "default",
            Tier::Full => "full",
        }
    }
}
