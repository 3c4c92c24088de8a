//! `clickstead monitor`: pages that are checked every few minutes.

use super::context::Context;
use super::output::{json, table};
use crate::alerts::monitors::acts;
use crate::alerts::monitors::definition::MonitorForm;
use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::id::{MonitorId, SiteId};
use crate::model::monitor::Monitor;
use crate::reports::uptime::MonitorStatus;
use crate::store::monitors;
use crate::store::sites::{self, Site};
use rusqlite::Connection;
use serde_json::json;

/// The verbs of `monitor`.
#[derive(clap::Subcommand)]
pub enum MonitorArgs {
    /// Add a monitor
    Add(AddMonitorArgs),
    /// List the monitors of a site
    List {
        /// The site's number
        #[arg(long, value_parser = super::values::site_id)]
        site: SiteId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change, pause or resume a monitor; what you leave out stays
    Change(ChangeMonitorArgs),
    /// Remove a monitor with its checks and outages
    Remove {
        #[command(flatten)]
        monitor: MonitorSelector,
    },
}

/// A monitor of a site.
#[derive(clap::Args)]
pub struct MonitorSelector {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// Its name or number, see `monitor list`
    monitor: String,
}

/// The options of `monitor add`.
#[derive(clap::Args)]
pub struct AddMonitorArgs {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// The address to check
    #[arg(long, value_name = "URL")]
    url: String,
    #[command(flatten)]
    options: MonitorOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The options of `monitor change`.
#[derive(clap::Args)]
pub struct ChangeMonitorArgs {
    #[command(flatten)]
    monitor: MonitorSelector,
    /// Another address to check
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    options: MonitorOptions,
    /// Stop checking it, and keep its history
    #[arg(long, conflicts_with = "resume")]
    pause: bool,
    /// Check it again
    #[arg(long)]
    resume: bool,
}

/// The settings of a monitor besides its address.
#[derive(clap::Args)]
pub struct MonitorOptions {
    /// Its name; without one, its address names it
    #[arg(long, value_name = "N")]
    name: Option<String>,
    /// The minutes between two checks, from 1 to 60; 5 if left out
    #[arg(long, value_name = "MINUTES")]
    every: Option<String>,
    /// The expected HTTP statuses, such as 200 or 200-299,301; 200-299 if left out
    #[arg(long, value_name = "STATUSES")]
    statuses: Option<String>,
    /// A text that must be in the answer
    #[arg(long, value_name = "TEXT")]
    must_contain: Option<String>,
    /// A text that must not be in the answer
    #[arg(long, value_name = "TEXT")]
    must_not_contain: Option<String>,
    /// The timeout in seconds, from 1 to 30; 10 if left out
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<String>,
}

impl MonitorOptions {
    fn changed(self, before: MonitorForm) -> MonitorForm {
        MonitorForm {
            name: self.name.unwrap_or(before.name),
            url: before.url,
            every: self.every.unwrap_or(before.every),
            statuses: self.statuses.unwrap_or(before.statuses),
            must_contain: self.must_contain.unwrap_or(before.must_contain),
            must_not_contain: self.must_not_contain.unwrap_or(before.must_not_contain),
            timeout: self.timeout.unwrap_or(before.timeout),
        }
    }
}

impl MonitorSelector {
    /// Finds the site and its monitor.
    fn find(&self, connection: &Connection) -> Result<(Site, Monitor)> {
        let site = sites::get(connection, self.site)?;
        let monitors = monitors::list(connection, site.id)?;
        let by_name = monitors.iter().find(|monitor| monitor.label() == self.monitor);
        let by_id = || monitors.iter().find(|monitor| MonitorId::parse(&self.monitor) == Some(monitor.id));
        let found = by_name.or_else(by_id).cloned();
        Ok((site, found.ok_or(Error::Missing("monitor"))?))
    }
}

impl MonitorArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add(add) => add.run(context),
            Self::List { site, json } => list(context, site, json),
            Self::Change(change) => change.run(context),
            Self::Remove { monitor } => {
                let name = context.change(|tx| {
                    let (site, found) = monitor.find(tx)?;
                    acts::remove(tx, &context.actor(), site.id, found.id)?;
                    Ok(found.label().to_owned())
                })?;
                Ok(format!("The monitor {name} is removed with its checks and outages."))
            }
        }
    }
}

impl AddMonitorArgs {
    fn run(self, context: &Context) -> Result<String> {
        let form = self.options.changed(MonitorForm { url: self.url, ..MonitorForm::default() });
        let monitor = context.change(|tx| {
            let site = sites::get(tx, self.site)?;
            let id = acts::add(tx, &context.actor(), site.id, &form)?;
            monitors::get(tx, site.id, id)
        })?;
        if self.json {
            return Ok(json(&json!({"monitor_id": monitor.id.0})));
        }
        let (id, site) = (monitor.id, self.site);
        Ok(format!("{} is monitor {id} of site {site}. The running server checks it.", monitor.label()))
    }
}

impl ChangeMonitorArgs {
    fn run(self, context: &Context) -> Result<String> {
        let Self { monitor, url, options, pause, resume } = self;
        let name = context.change(|tx| {
            let (site, before) = monitor.find(tx)?;
            let mut form = MonitorForm::from_settings(&before.settings);
            if let Some(url) = url {
                form.url = url;
            }
            acts::change(tx, &context.actor(), site.id, before.id, &options.changed(form))?;
            if pause || resume {
                acts::pause(tx, &context.actor(), site.id, before.id, pause)?;
            }
            Ok(monitors::get(tx, site.id, before.id)?.label().to_owned())
        })?;
        Ok(match (pause, resume) {
            (true, _) => format!("{name} is paused."),
            (_, true) => format!("{name} is checked again."),
            _ => format!("{name} is changed."),
        })
    }
}

fn list(context: &Context, site: SiteId, as_json: bool) -> Result<String> {
    let monitors = context.read(|connection| {
        let site = sites::get(connection, site)?;
        let monitors = monitors::list(connection, site.id)?.into_iter();
        let with_status = monitors.map(|monitor| {
            let status = MonitorStatus::load(connection, &monitor)?.name();
            Ok((monitor, status))
        });
        with_status.collect::<Result<Vec<_>>>()
    })?;
    if as_json {
        let list = monitors.iter().map(|(monitor, status)| {
            let (settings, state) = (&monitor.settings, &monitor.state);
            json!({
                "monitor_id": monitor.id.0, "name": settings.name, "url": settings.url,
                "every_minutes": settings.every_minutes, "statuses": settings.statuses.to_string(),
                "must_contain": settings.must_contain, "must_not_contain": settings.must_not_contain,
                "timeout_seconds": settings.timeout_seconds, "status": status, "problem": state.problem,
                "checked_at": state.checked_at.map(Timestamp::seconds),
                "certificate_expires_at": state.certificate_expires_at.map(Timestamp::seconds),
                "created_at": monitor.created_at.seconds(),
            })
        });
        return Ok(json(&list.collect()));
    }
    let rows = monitors.iter().map(|(monitor, status)| {
        let settings = &monitor.settings;
        vec![
            monitor.id.to_string(),
            monitor.label().to_owned(),
            settings.url.clone(),
            format!("{} min", settings.every_minutes),
            (*status).to_owned(),
            monitor.state.problem.clone().unwrap_or_default(),
        ]
    });
    Ok(table(&["ID", "NAME", "ADDRESS", "EVERY", "STATUS", "LAST PROBLEM"], &rows.collect::<Vec<_>>()))
}
