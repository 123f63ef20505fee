//! Which folder of store versions a command is about.

use std::path::PathBuf;

/// The option that names it.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct DataFolder {
    /// The folder of store versions, which `load` writes and `serve` serves: a Venice server's data.base.path
    #[arg(
        short,
        long,
        value_name = "FOLDER",
        default_value = "venice-data",
        env = "VENICE_DATA"
    )]
    pub(crate) data: PathBuf,
}
