//! What is to be made of integers.

use std::fmt;

use super::IntEncoding;

/// What an encoder is to do: an encoding, and the plans of the streams inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IntPlan {
    Constant,
    Plain,
    Varint,
    Packed,
    Patched,
    Entropy,
    Rle { lengths: Box<IntPlan>, values: Box<IntPlan> },
    Delta(Box<IntPlan>),
    Fresh(Box<IntPlan>),
    Dictionary { distinct: Box<IntPlan>, codes: Box<IntPlan>, sorted: bool },
    Divided { divisor: u32, quotients: Box<IntPlan>, remainders: Box<IntPlan> },
}

impl IntPlan {
    /// A plan that was made for some values, for more of them: what is constant among some need not be
    /// so among all.
    pub(crate) fn for_more_values(self) -> Self {
        let more = |plan: Box<Self>| Box::new(plan.for_more_values());
        match self {
            Self::Constant => Self::Packed,
            Self::Rle { lengths, values } => Self::Rle { lengths: more(lengths), values: more(values) },
            Self::Delta(child) => Self::Delta(more(child)),
            Self::Fresh(child) => Self::Fresh(more(child)),
            Self::Dictionary { distinct, codes, sorted } => {
                Self::Dictionary { distinct: more(distinct), codes: more(codes), sorted }
            }
            Self::Divided { divisor, quotients, remainders } => {
                Self::Divided { divisor, quotients: more(quotients), remainders: more(remainders) }
            }
            Self::Plain | Self::Varint | Self::Packed | Self::Patched | Self::Entropy => self,
        }
    }

    pub(crate) fn encoding(&self) -> IntEncoding {
        match self {
            Self::Constant => IntEncoding::Constant,
            Self::Plain => IntEncoding::Plain,
            Self::Varint => IntEncoding::Varint,
            Self::Packed => IntEncoding::Packed,
            Self::Patched => IntEncoding::Patched,
            Self::Entropy => IntEncoding::Entropy,
            Self::Rle { .. } => IntEncoding::Rle,
            Self::Delta(_) => IntEncoding::Delta,
            Self::Fresh(_) => IntEncoding::Fresh,
            Self::Dictionary { .. } => IntEncoding::Dictionary,
            Self::Divided { .. } => IntEncoding::Divided,
        }
    }
}

impl fmt::Display for IntPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encoding().name())?;
        match self {
            Self::Delta(child) | Self::Fresh(child) => write!(f, "({child})"),
            Self::Rle { lengths: first, values: second }
            | Self::Dictionary { distinct: first, codes: second, sorted: false }
            | Self::Divided { quotients: first, remainders: second, .. } => write!(f, "({first}, {second})"),
            Self::Dictionary { distinct, codes, sorted: true } => write!(f, "({distinct}, sorted, {codes})"),
            _ => Ok(()),
        }
    }
}
