//! The options of the encoder, the same for every subcommand that encodes.

use clap::ValueEnum;
use covt::EncodeOptions;

#[derive(clap::Args)]
pub struct EncodingArgs {
    /// What matters more: the time to decode or the size
    #[arg(long, value_enum, default_value_t = Profile::Small)]
    profile: Profile,
    /// Add statistics of every column to the directory of a tile
    #[arg(long)]
    stats: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Profile {
    /// Lightweight encodings only, quickest to decode
    Fast,
    /// The smallest tiles
    Small,
}

impl EncodingArgs {
    pub fn options(&self) -> EncodeOptions {
        let profile = match self.profile {
            Profile::Fast => covt::Profile::Fast,
            Profile::Small => covt::Profile::Small,
        };
        EncodeOptions { profile, statistics: self.stats, ..EncodeOptions::default() }
    }
}
