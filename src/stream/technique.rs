//! What an encoder can do without, to see what it is worth.

/// A technique of the encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Technique {
    /// Vertices copied from earlier ones, and vertices that are entropy coded; without, they are
    /// delta coded.
    References,
    /// The tile as one unit, if it is small.
    Compact,
    /// Integers that are entropy coded, and what builds on it: [`Self::Ids`], [`Self::Tokens`].
    Entropy,
    /// Values that are the same as in another column, coded in its context, and one text for all strings
    /// of a layer.
    Tokens,
    /// Ids written once each, sorted, and their ranks; last digits apart.
    Ids,
    /// Floating point numbers as decimals, doubles as singles.
    Decimals,
    /// zstd around integers and bitmaps; text keeps it.
    Zstd,
    /// Differences of integers.
    Deltas,
    /// Numbers given out in order of first use.
    Fresh,
    /// Runs of equal integers.
    Runs,
    /// Integers that are written once each, and their places.
    Dictionaries,
    /// Bit-packing in which few large integers do not make all of them wide.
    Patches,
    /// Strings of one length, place by place.
    Records,
    /// Characters beyond ASCII in a byte each.
    Windows,
    /// Values of maps key by key.
    GroupedMaps,
}

impl Technique {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::References,
        Self::Compact,
        Self::Entropy,
        Self::Tokens,
        Self::Ids,
        Self::Decimals,
        Self::Zstd,
        Self::Deltas,
        Self::Fresh,
        Self::Runs,
        Self::Dictionaries,
        Self::Patches,
        Self::Records,
        Self::Windows,
        Self::GroupedMaps,
    ];

    /// What to call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::References => "back references",
            Self::Compact => "the compact layout",
            Self::Entropy => "entropy-coded integers, with tokens and sorted ids",
            Self::Tokens => "tokens",
            Self::Ids => "sorted ids, digits apart",
            Self::Decimals => "decimals",
            Self::Zstd => "zstd around integers",
            Self::Deltas => "deltas",
            Self::Fresh => "numbers in order of first use",
            Self::Runs => "runs",
            Self::Dictionaries => "dictionaries of integers",
            Self::Patches => "patched bit-packing",
            Self::Records => "records",
            Self::Windows => "windows",
            Self::GroupedMaps => "values of maps key by key",
        }
    }
}
