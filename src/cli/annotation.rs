//! `clickstead annotation`: notes on a site's dates.

use super::context::Context;
use super::output::{json, table};
use crate::error::{Error, Result};
use crate::model::clock::Day;
use crate::model::id::{AnnotationId, SiteId};
use crate::reports::date_range::DateRange;
use crate::sites::annotations as acts;
use crate::store::annotations::{self, AnnotationKind};
use crate::store::sites;
use serde_json::json;

/// The verbs of `annotation`.
#[derive(clap::Subcommand)]
pub enum AnnotationArgs {
    /// Write a note on a date, which charts show
    Add {
        /// The site's number
        #[arg(long, value_parser = super::values::site_id)]
        site: SiteId,
        /// The note
        text: String,
        /// The day, such as 2026-11-30; today if left out
        #[arg(long, value_name = "DATE")]
        day: Option<String>,
        /// It's a deployment of the site
        #[arg(long)]
        deploy: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the notes of some days
    List {
        /// The site's number
        #[arg(long, value_parser = super::values::site_id)]
        site: SiteId,
        /// The days, such as last-30-days, 2026-11 or 2026-11-01,2026-11-30
        #[arg(long, value_name = "RANGE", default_value = "last-30-days")]
        date: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a note
    Remove {
        /// The site's number
        #[arg(long, value_parser = super::values::site_id)]
        site: SiteId,
        /// The note's number, see `annotation list`
        #[arg(value_parser = annotation_id)]
        annotation_id: AnnotationId,
    },
}

fn annotation_id(text: &str) -> std::result::Result<AnnotationId, String> {
    AnnotationId::parse(text)
        .ok_or_else(|| "an annotation's number is made of digits, see `clickstead annotation list`".into())
}

impl AnnotationArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add { site, text, day, deploy, json: as_json } => {
                let kind = if deploy { AnnotationKind::Deploy } else { AnnotationKind::Note };
                let (id, day) = context.change(|tx| {
                    let site = sites::get(tx, site)?;
                    let day = match &day {
                        Some(text) => Day::parse(text).ok_or_else(no_day)?,
                        None => site.zone.day(context.now),
                    };
                    Ok((acts::add(tx, &context.actor(), &site, day, kind, &text)?, day))
                })?;
                if as_json {
                    return Ok(json(&json!({"annotation_id": id.0, "day": day.to_string()})));
                }
                Ok(format!("Annotation {id} is on {day}."))
            }
            Self::List { site, date, json } => list(context, site, &date, json),
            Self::Remove { site, annotation_id } => {
                context.change(|tx| {
                    let site = sites::get(tx, site)?;
                    acts::remove(tx, &context.actor(), &site, annotation_id)
                })?;
                Ok(format!("Annotation {annotation_id} is removed."))
            }
        }
    }
}

fn no_day() -> Error {
    Error::invalid("day", "Write a day such as 2026-11-30.")
}

fn list(context: &Context, site: SiteId, date: &str, as_json: bool) -> Result<String> {
    let found = context.read(|connection| {
        let site = sites::get(connection, site)?;
        let days = DateRange::parse(date, site.zone.day(context.now))?;
        annotations::list(connection, site.id, days.first, days.last)
    })?;
    let kind = |kind: AnnotationKind| -> &'static str { kind.into() };
    if as_json {
        let values = found.iter().map(|one| {
            json!({
                "annotation_id": one.id.0, "day": one.day.to_string(), "kind": kind(one.kind), "text": one.text,
                "author": one.author, "created_at": one.created_at.seconds(),
            })
        });
        return Ok(json(&values.collect()));
    }
    let rows = found.into_iter().map(|one| {
        let author = one.author.unwrap_or_default();
        vec![one.id.to_string(), one.day.to_string(), kind(one.kind).to_owned(), author, one.text]
    });
    Ok(table(&["ID", "DAY", "KIND", "AUTHOR", "TEXT"], &rows.collect::<Vec<_>>()))
}
