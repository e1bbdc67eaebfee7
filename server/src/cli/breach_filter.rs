//! `gatehouse admin breach-filter`: makes a list of breached passwords into a filter, without any network.

use std::{
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
    time::Instant,
};

use domain::platform::breached::{UnusableFilter, Variants, Written, keys_of, write};

use super::print;
use crate::config::Config;

/// How the filter is made.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// A list: lines of `SHA1:count`, as Have I Been Pwned offers them, or plain passwords.
    list: PathBuf,
    /// Where the filter goes; the file that `security.breach_filter` names when nothing is said.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Leaves out what was seen less often; the filter grows by 18 bits for each password, and making it needs 30 bytes.
    #[arg(long, default_value_t = 1)]
    seen: u64,
    /// Adds what people make of each plain password: capitals, a year, a number, a sign, twice.
    #[arg(long)]
    variants: bool,
}

/// Why there is no filter.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilterProblem {
    /// The list.
    #[error("{path} cannot be read: {error}")]
    List {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Nowhere to put it.
    #[error("neither --out nor security.breach_filter says where the filter goes")]
    Nowhere,
    /// The filter.
    #[error("{path} was not made: {error}")]
    Filter {
        /// Which file.
        path: PathBuf,
        /// Why not.
        error: UnusableFilter,
    },
}

/// Makes it and says how large it is. A server that runs goes on with the filter it has opened until it is restarted.
pub(super) fn run(config: &Config, options: &Options) -> Result<(), FilterProblem> {
    let path =
        options.out.as_ref().or(config.security.breach_filter.as_ref()).ok_or(FilterProblem::Nowhere)?;
    let list = |error| FilterProblem::List { path: options.list.clone(), error };
    let begun = Instant::now();
    let file = BufReader::with_capacity(1 << 20, File::open(&options.list).map_err(list)?);
    let variants = if options.variants { Variants::Common } else { Variants::None };
    let keys = keys_of(file, options.seen, variants).map_err(list)?;
    let made = write(keys, path).map_err(|error| FilterProblem::Filter { path: path.clone(), error })?;
    let Written { entries, bytes } = made;
    let took = begun.elapsed().as_secs_f64();
    print::line(&format!("{}: {entries} passwords in {bytes} bytes, made in {took:.1} s", path.display()));
    Ok(())
}
