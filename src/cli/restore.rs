//! The command `clickstead restore`, which puts a backup in the place of the data file.

use super::context::Context;
use super::output::{json, table};
use super::{printed, terminal};
use crate::access::audit::{AuditAction, who};
use crate::error::Result;
use crate::model::clock::{Timestamp, Zone};
use crate::sites;
use crate::store::audit::{AuditEntry, NO_SITE};
use crate::store::restore::{self, Relation, Request, RestoreOutcome};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The arguments of `restore`.
#[derive(clap::Args)]
#[command(
    after_help = "The visits, sites and settings are those of the backup. Whoever is out by now stays out: keys, passwords \
    and second factors stay as they are now, people, shares and guest links that were removed since stay removed. Sites \
    that were removed since come back, with their guest links disabled. Everybody signs in anew. What was there is kept \
    beside the data file."
)]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Bring everything back as it was, also keys, people and links that were taken back since
    #[arg(long)]
    as_it_was: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub(super) fn run(&self, context: &Context) -> Result<String> {
        let request =
            Request { data: &context.data, backup: &self.file, as_it_was: self.as_it_was, now: context.now };
        let ready = restore::prepare(
            &request,
            AuditAction::takes_back,
            AuditAction::EraseVisitor.name(),
            |tx, outcome| sites::restore::record(tx, &context.actor(), &as_of(outcome)),
        )?;
        if context.data.exists() {
            if !self.yes && terminal::is_there() {
                terminal::print(&(self.differences(context, &ready.outcome).join("\n\n") + "\n\n"))?;
            }
            let (backup, data) = (self.file.display(), context.data.display());
            let question = format!("This puts {backup} in the place of {data}, which is kept beside it.");
            terminal::consent(&question, self.yes)?;
        }
        let (outcome, kept_file) = ready.put_in_place()?;
        Ok(if self.json {
            self.as_json(context, &outcome, kept_file.as_deref())
        } else {
            self.as_text(context, &outcome, kept_file.as_deref())
        })
    }

    fn as_text(&self, context: &Context, outcome: &RestoreOutcome, kept_file: Option<&Path>) -> String {
        let mut parts = vec![format!(
            "{} is what {} holds: {}.",
            context.data.display(),
            self.file.display(),
            as_of(outcome)
        )];
        if let Some(kept_file) = kept_file {
            let sentence = format!(
                "\nWhat was there is kept as {} (mode 0600). To go back: {}",
                kept_file.display(),
                context.hint(&format!("restore --as-it-was {}", kept_file.display()))
            );
            parts[0].push_str(&sentence);
        }
        parts[0] += match outcome.sign_ins {
            0 => "\nNobody was signed in.".to_owned(),
            1 => "\nEverybody signs in anew: 1 sign-in of the backup has ended.".to_owned(),
            count => format!("\nEverybody signs in anew: {count} sign-ins of the backup have ended."),
        }
        .as_str();
        parts.extend(self.differences(context, outcome));
        parts.join("\n\n")
    }

    /// Lists the differences between backup and data file, in paragraphs, before and after the restore.
    fn differences(&self, context: &Context, outcome: &RestoreOutcome) -> Vec<String> {
        let mut parts = Vec::new();
        parts.extend(unknown(&outcome.relation, self.as_it_was));
        if !outcome.since.acts.is_empty() {
            let rows = outcome.since.acts.iter().map(row).collect::<Vec<_>>();
            let head = ["WHEN", "WHO", "SITE", "ACT", "WHAT"];
            parts.push(format!("Taken back since the backup, by the audit log:\n{}", table(&head, &rows)));
        }
        if !outcome.differs.is_empty() {
            let title = if self.as_it_was {
                "As in the backup again, and not any more as follows:"
            } else {
                "Stays as it is now:"
            };
            parts.push(listed(title, &outcome.differs));
        }
        if !outcome.back.is_empty() {
            let title = if self.as_it_was {
                "Removed since and back again:".to_owned()
            } else {
                format!(
                    "Removed since and back again, with guest links disabled and nobody but the owner let in (`{}` removes \
                     them):",
                    context.hint("site remove")
                )
            };
            parts.push(listed(&title, &outcome.back));
        }
        if !outcome.since.erased.is_empty() {
            let commands = outcome.since.erased.iter().map(|one| {
                "  ".to_owned()
                    + &context.hint(&format!("visitor erase --site {} --id {} --yes", one.site, one.visitor))
            });
            parts.push(format!(
                "Erased since and back again. Erase them once more:\n{}",
                commands.collect::<Vec<_>>().join("\n")
            ));
        }
        parts
    }

    fn as_json(&self, context: &Context, outcome: &RestoreOutcome, kept_file: Option<&Path>) -> String {
        let path = |path: &Path| path.display().to_string();
        let acts = outcome.since.acts.iter().map(|record| {
            json!({
                "at": record.at.seconds(), "who": record.actor, "acting_for": record.acting_for,
                "site_id": (record.site != NO_SITE).then_some(record.site.0), "act": record.act,
                "what": record.about,
            })
        });
        let erased = outcome.since.erased.iter().map(
            |one| json!({"site_id": one.site.0, "visitor_id": one.visitor.to_string(), "visits": one.visits}),
        );
        let unknown = match &outcome.relation {
            Relation::Later => Value::Null,
            relation => json!(unknown(relation, self.as_it_was)),
        };
        json(&json!({
            "data_file": path(&context.data), "backup": path(&self.file), "kept_as": kept_file.map(path),
            "newest_moment": outcome.as_of.map(Timestamp::seconds), "as_it_was": self.as_it_was,
            "sign_ins_ended": outcome.sign_ins, "taken_back": acts.collect::<Vec<_>>(),
            "otherwise_now": outcome.differs, "sites_back": outcome.back,
            "erase_again": erased.collect::<Vec<_>>(), "unknown": unknown,
        }))
    }
}

/// Returns the time of the backup, as its newest entry tells.
fn as_of(outcome: &RestoreOutcome) -> String {
    match outcome.as_of {
        Some(at) => format!("its newest entry is of {}", moment(at)),
        None => "nothing ever happened there".into(),
    }
}

fn moment(at: Timestamp) -> String {
    Zone::utc().local(at).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Returns the changes since the backup that could not be determined, with advice; `None` if all could.
fn unknown(relation: &Relation, as_it_was: bool) -> Option<String> {
    let why = match relation {
        Relation::Later => return None,
        Relation::Related if as_it_was => {
            "The data file does not go on from where this backup was made, so what was removed since, and who was \
            erased, can't be told."
                .to_owned()
        }
        Relation::Related => {
            "The data file does not go on from where this backup was made. Keys, passwords and accounts \
            that both have stay as they are now; what was removed since, and who was erased, can't be told."
                .to_owned()
        }
        Relation::Unrelated => {
            "The data file is about other people and sites than the backup, so nothing of it was \
            carried over."
                .to_owned()
        }
        Relation::Missing => "There was no data file".to_owned(),
        Relation::Unreadable(why) => format!("The data file can't be read ({why})"),
    };
    let is_lost = matches!(relation, Relation::Missing | Relation::Unreadable(_));
    let lost = ", so what was taken back since the backup can't be told, and holds again: keys, passwords, second factors, \
         people, shares, guest links, and visitors who were erased. Look through them.";
    Some(if is_lost { why + lost } else { why })
}

fn row(record: &AuditEntry) -> Vec<String> {
    let site = if record.site == NO_SITE { "–".to_owned() } else { record.site.to_string() };
    let who = who(record).to_owned();
    vec![
        moment(record.at),
        record.acting_for.as_ref().map_or(who.clone(), |child| format!("{who} for {child}")),
        site,
        AuditAction::label_of(&record.act).to_owned(),
        record.about.clone(),
    ]
}

/// Formats a list: a title, and each item on a line of its own.
fn listed(title: &str, items: &[String]) -> String {
    let lines = items.iter().map(|item| format!("\n- {}", printed::line(item)));
    format!("{title}{}", lines.collect::<String>())
}
