//! Stored forms of the integer path. Every number is stored as four bytes, little-endian, with lanes innermost. Reading
//! applies the checks of the constructors.

use core::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, SeqAccess},
    ser::SerializeTuple,
};

use crate::{
    arithmetic::lane::{Lane, Word},
    error::Error,
    integer::{fixed_point::FixedRate, fixed_point::FixedReward, policy::IntegerPolicy, policy::LIMIT},
};

/// Reads the next number of every lane.
fn next<'de, W: Word, A: SeqAccess<'de>>(elements: &mut A) -> Result<W, A::Error> {
    let mut failure = None;
    let word = W::from_fn(|_| match elements.next_element::<[u8; 4]>() {
        Ok(Some(bytes)) => u32::from_le_bytes(bytes),
        Ok(None) => {
            failure = Some(de::Error::custom("too few numbers"));
            0
        }
        Err(error) => {
            failure = Some(error);
            0
        }
    });
    failure.map_or(Ok(word), Err)
}

fn element<W: Word, T: SerializeTuple>(tuple: &mut T, word: W) -> Result<(), T::Error> {
    (0..W::LANES).try_for_each(|lane| tuple.serialize_element(&word.extract(lane).to_le_bytes()))
}

/// The stored form of one number, for `serde(with = ...)` on a field without its own type.
pub(super) mod share {
    use super::{Deserialize, Deserializer, Serialize, Serializer, de};

    pub(in crate::integer) fn serialize<S: Serializer>(share: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        share.to_le_bytes().serialize(serializer)
    }

    pub(in crate::integer) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let share = u32::from_le_bytes(Deserialize::deserialize(deserializer)?);
        if share <= 1 << 16 { Ok(share) } else { Err(de::Error::custom("a share above 1")) }
    }
}

impl Serialize for FixedRate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().to_le_bytes().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FixedRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u32::from_le_bytes(Deserialize::deserialize(deserializer)?)).map_err(de::Error::custom)
    }
}

impl<L: Lane> Serialize for FixedReward<L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(L::LANES)?;
        element(&mut tuple, self.to_word())?;
        tuple.end()
    }
}

impl<'de, L: Lane> Deserialize<'de> for FixedReward<L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(L::LANES, OneReward(PhantomData))
    }
}

struct OneReward<L>(PhantomData<L>);

impl<'de, L: Lane> de::Visitor<'de> for OneReward<L> {
    type Value = FixedReward<L>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a reward")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<FixedReward<L>, A::Error> {
        FixedReward::from_word(next(&mut elements)?).map_err(de::Error::custom)
    }
}

/// The weights, action-major, the biases, and the bound on their magnitude.
impl<const D: usize, const K: usize, L: Lane> Serialize for IntegerPolicy<D, K, L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple((K * D + K + 1) * L::LANES)?;
        self.weights.iter().flatten().chain(&self.bias).try_for_each(|&word| element(&mut tuple, word))?;
        element(&mut tuple, self.reach)?;
        tuple.end()
    }
}

impl<'de, const D: usize, const K: usize, L: Lane> Deserialize<'de> for IntegerPolicy<D, K, L> {
    #[inline]
    fn deserialize<S: Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        let mut policy = Self::new();
        Self::deserialize_in_place(deserializer, &mut policy)?;
        Ok(policy)
    }

    #[inline]
    fn deserialize_in_place<S: Deserializer<'de>>(deserializer: S, place: &mut Self) -> Result<(), S::Error> {
        deserializer.deserialize_tuple((K * D + K + 1) * L::LANES, InPlace(place))
    }
}

struct InPlace<'p, const D: usize, const K: usize, L: Lane>(&'p mut IntegerPolicy<D, K, L>);

impl<'de, const D: usize, const K: usize, L: Lane> de::Visitor<'de> for InPlace<'_, D, K, L> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an integer policy of {D} features and {K} actions")
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let policy = self.0;
        for word in policy.weights.iter_mut().flatten().chain(&mut policy.bias) {
            *word = next(&mut elements)?;
        }
        policy.reach = next(&mut elements)?;
        let largest = policy.largest();
        for lane in 0..L::LANES {
            let (reach, largest) = (policy.reach.extract(lane), largest.extract(lane));
            if largest > reach || reach > LIMIT as u32 {
                let value = largest.max(reach) as f32 / 65536.0;
                let error = Error::OutOfRange { what: "stored weights", value, requirement: "above -32 and below 32" };
                return Err(de::Error::custom(error));
            }
        }
        Ok(())
    }
}
