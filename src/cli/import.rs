//! `clickstead import`: a site that was exported, hits that another program wrote down, access logs. All files are
//! previewed before the first one is written.

mod line_import;
pub mod options;
mod plan;
mod site_import;
mod summary;

use self::options::ImportArgs;
use self::plan::{ImportPlan, ImportRun, PlannedWork};
use self::summary::{Fate, Summary};
use super::context::Context;
use super::output::Output;
use super::sealing::seal_all_sites;
use super::terminal::bar;
use crate::error::{Error, Result};
use crate::ingest::goal_match;
use crate::store::{self, sites};
use crate::transfer::format::Format;
use crate::transfer::hits;
use crate::transfer::source_file::SourceFile;
use rusqlite::Connection;
use std::path::Path;

/// Runs `import`.
///
/// # Errors
/// Fails when an option does not fit a file, a file is not valid, consent is refused, or a file or the data file cannot
/// be read or written.
pub fn run(options: &ImportArgs, context: &Context) -> Result<Output> {
    let run = ImportRun { options, context, is_shared: store::is_in_use(&context.data) };
    let mut connection = store::open(&context.data, false)?;
    let output = import(&run, &mut connection);
    store::close(connection)?;
    output
}

fn import(run: &ImportRun<'_>, connection: &mut Connection) -> Result<Output> {
    let ImportRun { options, context, .. } = run;
    let mut plans = Vec::new();
    for path in &options.files {
        plans.push(preview(run, connection, path)?);
    }
    let is_refused = plans.iter().any(|plan| plan.summary.fate == Fate::TooBad);
    plans.sort_by_key(|plan| match &plan.work {
        PlannedWork::Lines(lines) => lines.first_at,
        _ => None,
    });
    let mut summaries = Vec::new();
    for plan in plans {
        if is_refused {
            summaries.push(plan.summary);
            continue;
        }
        summaries.push(write(run, connection, plan)?);
    }
    if let Some(id) = options.site.filter(|_| !is_refused && !options.dry_run) {
        hits::forget_salts(connection, &sites::get(connection, id)?, context.now)?;
    }
    if !is_refused && !options.dry_run {
        if !run.is_shared {
            // A server does so in the background.
            goal_match::match_all_now(connection)?;
        }
        seal_all_sites(connection, context.now)?;
    }
    let has_succeeded = !is_refused && summaries.iter().all(|summary| summary.not_done.is_empty());
    let text = if options.json { summary::json(&summaries) } else { summary::text(&summaries) };
    Ok(Output { text, has_succeeded })
}

fn preview(run: &ImportRun<'_>, connection: &Connection, path: &Path) -> Result<ImportPlan> {
    let text = SourceFile::open(path)?;
    let Some(format) = run.options.format.map_or_else(|| Format::detect(&text), |format| Ok(Some(format)))?
    else {
        return Err(Error::Setup(format!("{} is empty.", path.display())));
    };
    let bar = bar(text.size, "looking through {bar:30} {bytes} of {total_bytes}")?;
    let plan = match format {
        Format::Site => site_import::preview(run, connection, text, &bar),
        Format::Hits | Format::Log => line_import::preview(run, connection, text, format, &bar),
    };
    bar.finish_and_clear();
    plan
}

fn write(run: &ImportRun<'_>, connection: &mut Connection, plan: ImportPlan) -> Result<Summary> {
    let ImportPlan { file, work, mut summary } = plan;
    let bar = bar(file.text.size, "importing {bar:40} {bytes} of {total_bytes}, {eta} to go")?;
    match work {
        PlannedWork::Nothing => {}
        PlannedWork::Lines(lines) => {
            line_import::write(run, connection, file, *lines, &mut summary, &bar)?;
        }
        PlannedWork::Site(site) => {
            site_import::write(run, connection, file, *site, &mut summary, &bar)?;
        }
    }
    bar.finish_and_clear();
    Ok(summary)
}
