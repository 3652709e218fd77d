//! What a caller may ask of the encoder.

/// How to trade size against the time to decode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Decoding speed first: lightweight encodings only.
    Fast,
    /// The smallest tile.
    #[default]
    Small,
}

/// Options of the encoder. The same layers and options give the same bytes.
#[derive(Clone, Debug, Default)]
pub struct EncodeOptions {
    /// How to trade size against the time to decode.
    pub profile: Profile,
    /// Whether to add statistics of every column (minimum, maximum, null count, distinct count) at
    /// the end of the directory.
    pub statistics: bool,
}
