//! `clickstead backup`: a copy of the data file, also while a server runs.

use super::context::Context;
use super::output::json;
use super::printed;
use crate::error::Result;
use crate::store;
use crate::store::backup::{BackupSource, BackupSummary};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The arguments of `backup`.
#[derive(clap::Args)]
#[command(
    after_help = "The copy holds what the data file held at one moment, with all keys and the hashes of passwords: keep it \
    like a password. It is verified before it gets its name, and its owner alone can read it. Copying the data file \
    itself with cp while a server runs makes no backup: what was written last stands in other files beside it."
)]
pub struct Backup {
    /// File to write, or a folder, in which it is called NAME-YYYYMMDD-HHMMSS.db (UTC)
    #[arg(value_name = "FILE|FOLDER")]
    to: PathBuf,
    /// Keep so many copies in the folder, and remove the oldest of that name
    #[arg(long, value_name = "N", value_parser = super::values::backups_kept)]
    keep: Option<usize>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Backup {
    pub(super) fn run(&self, context: &Context) -> Result<String> {
        let connection = store::open_as_it_is(&context.data)?;
        let made = self.make(context, &connection);
        store::close(connection)?;
        Ok(self.report(&context.data, &made?))
    }

    fn make(&self, context: &Context, connection: &rusqlite::Connection) -> Result<BackupSummary> {
        let source = BackupSource { connection, path: &context.data, is_over: store::copy::never() };
        let names_folder = self.to.as_os_str().as_encoded_bytes().ends_with(b"/");
        if self.keep.is_some() || names_folder || self.to.is_dir() {
            source.write_into(&self.to, self.keep, context.now)
        } else {
            source.write_file(&self.to)
        }
    }

    fn report(&self, data: &Path, made: &BackupSummary) -> String {
        let path = |path: &PathBuf| path.display().to_string();
        if self.json {
            return json(&json!({
                "file": path(&made.file), "bytes": made.bytes,
                "removed": made.removed.iter().map(path).collect::<Vec<_>>(),
            }));
        }
        let removed = match made.removed.len() {
            0 => String::new(),
            1 => "\nRemoved the oldest one:".into(),
            count => format!("\nRemoved the {count} oldest ones:"),
        };
        let removed_files: Vec<_> =
            made.removed.iter().map(|file| format!("\n- {}", file.display())).collect();
        let list = removed_files.concat();
        format!(
            "{} is backed up as {}: {}, verified. It holds keys and hashes of passwords: keep it like a password.{removed}{list}",
            data.display(),
            made.file.display(),
            printed::bytes(made.bytes)
        )
    }
}
