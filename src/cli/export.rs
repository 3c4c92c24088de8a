//! `clickstead export`: writes a whole site to a file.

use super::context::Context;
use super::printed::EscapedLines;
use super::terminal::bar;
use super::values::site_id;
use crate::error::Result;
use crate::model::id::SiteId;
use crate::sites::exports;
use crate::store::private::{Unfinished, is_there};
use crate::store::sites;
use crate::transfer::export;
use flate2::Compression;
use flate2::write::GzEncoder;
use rusqlite::Connection;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// The options of `export`.
#[derive(clap::Args)]
#[command(
    after_help = "The file holds everything that makes the site's reports: its settings, goals and funnels, all visits, \
    totals, what was left out, segments and guest links, and its monitors and alerts. It also holds the site's keys and the secrets of the last days, so that programs, \
    links and open visits go on in the next appliance: keep it like a password. A file made by --to is its owner's alone. \
    Not in it: people with access and their own alerts, invitations, webhooks, e-mail reports, bills and the audit log, which belong to this \
    appliance."
)]
pub struct ExportArgs {
    /// Which site: its number
    #[arg(long, value_name = "ID", value_parser = site_id)]
    site: SiteId,
    /// Where to; otherwise it is printed. A name that ends in .gz makes a packed file
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Leave out keys, guest links and the secrets of the last days: for a copy that somebody else may have
    #[arg(long)]
    without_keys: bool,
}

impl ExportArgs {
    pub(super) fn run(self, context: &Context, printed: &mut dyn Write) -> Result<String> {
        let connection = crate::store::open(&context.data, false)?;
        let text = self.export(context, &connection, printed);
        crate::store::close(connection)?;
        let text = text?;
        context.change(|tx| exports::record(tx, &context.actor(), self.site, "the whole site"))?;
        Ok(text)
    }

    fn export(&self, context: &Context, connection: &Connection, printed: &mut dyn Write) -> Result<String> {
        let site = sites::get(connection, self.site)?;
        let Some(path) = &self.to else {
            export::write(
                connection,
                self.site,
                !self.without_keys,
                context.now,
                &mut EscapedLines(BufWriter::new(printed)),
                &|_| (),
            )?;
            return Ok(String::new());
        };
        let visits = u64::try_from(sites::count_visits(connection, self.site)?).unwrap_or(0);
        let bar = bar(visits, "{bar:40} {human_pos} of {human_len} visits, {eta} to go")?;
        if path.exists() {
            return Err(is_there(path));
        }
        let unfinished = Unfinished::create(path, &context.data)?;
        let progress = |done| bar.set_position(done);
        let lines = {
            let mut file = BufWriter::new(unfinished.file());
            if path.extension().is_some_and(|ending| ending == "gz") {
                let mut packer = GzEncoder::new(file, Compression::default());
                let lines = export::write(
                    connection,
                    self.site,
                    !self.without_keys,
                    context.now,
                    &mut packer,
                    &progress,
                )?;
                packer.finish().and_then(|mut file| file.flush())?;
                lines
            } else {
                export::write(connection, self.site, !self.without_keys, context.now, &mut file, &progress)?
            }
        };
        bar.finish_and_clear();
        unfinished.finish()?;
        let secrets =
            if self.without_keys { "" } else { " It holds the site's keys: keep it like a password." };
        Ok(format!(
            "{} (site {}) is in {}: {visits} visits, {} lines.{secrets}",
            site.domain,
            site.id,
            path.display(),
            lines + 2,
        ))
    }
}
