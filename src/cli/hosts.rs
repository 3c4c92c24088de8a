//! `clickstead site hosts`: which hosts are a site's own, and which others sent page views.

use super::context::Context;
use super::output::{json, table};
use super::values::site_id;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::id::SiteId;
use crate::reports::other_hosts::{self, SeenHost};
use crate::sites::hosts::{self, HostAnswer};
use crate::store::sites::{self, Site};
use clap::ValueEnum;
use serde_json::json;

/// The options of `site hosts`.
#[derive(clap::Args)]
pub struct Hosts {
    /// The site's number
    #[arg(value_parser = site_id)]
    id: SiteId,
    /// A host that is the site's own, with all below it; may be given several times
    #[arg(long, value_name = "HOST")]
    add: Vec<String>,
    /// A host that is not the site's own: its hits are filtered
    #[arg(long, value_name = "HOST")]
    not: Vec<String>,
    /// A host of which what was said before does not hold any more
    #[arg(long, value_name = "HOST")]
    forget: Vec<String>,
    /// Whether hits of other hosts are filtered
    #[arg(long, value_name = "on|off")]
    own_only: Option<Switch>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Hosts {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        let answers = [
            (&self.add, HostAnswer::Mine),
            (&self.not, HostAnswer::NotMine),
            (&self.forget, HostAnswer::Forget),
        ];
        let changes =
            answers.into_iter().flat_map(|(hosts, answer)| hosts.iter().map(move |host| (host, answer)));
        let changes: Vec<_> =
            changes.map(|(host, answer)| Ok((hosts::parse(host)?, answer))).collect::<Result<_>>()?;
        if !changes.is_empty() || self.own_only.is_some() {
            context.change(|tx| {
                let (site, actor) = (sites::get(tx, self.id)?, context.actor());
                for (host, answer) in &changes {
                    hosts::answer(tx, &actor, &site, host, *answer)?;
                }
                match self.own_only {
                    Some(switch) => hosts::set_own_only(tx, &actor, &site, matches!(switch, Switch::On)),
                    None => Ok(()),
                }
            })?;
        }
        let (site, seen) = context.read(|connection| {
            let site = sites::find(connection, self.id)?.ok_or(Error::Missing("site"))?;
            let seen = other_hosts::list(connection, &site, context.now)?;
            Ok((site, seen))
        })?;
        Ok(if self.json { as_json(&site, &seen) } else { as_text(&site, &seen) })
    }
}

fn as_json(site: &Site, seen: &[SeenHost]) -> String {
    let answered = |is_own: bool| {
        let hosts = site.hosts.answers.iter().filter(move |(_, answer)| *answer == is_own);
        hosts.map(|(host, _)| host.as_str()).collect::<Vec<_>>()
    };
    let other = seen.iter().map(|host| {
        json!({
            "host": host.name, "page_views": host.page_views, "filtered": host.filtered,
            "is_answered": !host.is_unanswered(),
        })
    });
    json(&json!({
        "site_id": site.id.0, "domain": site.domain, "own_only": site.hosts.own_only,
        "own": answered(true), "not_own": answered(false), "other_hosts": other.collect::<Vec<_>>(),
    }))
}

fn as_text(site: &Site, seen: &[SeenHost]) -> String {
    let row = |host: &str, standing: &str, views: Option<(i64, i64)>| {
        let (all, filtered) = views.map(|(all, filtered)| (all.to_string(), filtered.to_string())).unzip();
        vec![host.to_owned(), standing.to_owned(), all.unwrap_or_default(), filtered.unwrap_or_default()]
    };
    let views = |host: &str| {
        let seen = seen.iter().find(|seen| seen.name == host);
        Some(seen.map_or((0, 0), |host| (host.page_views, host.filtered)))
    };
    let domain = row(&site.domain, "own", None);
    let answered = site.hosts.answers.iter().map(|(host, is_own)| match is_own {
        true => row(host, "own", None),
        false => row(host, "not own", views(host)),
    });
    let others = seen.iter().filter(|host| site.hosts.answer(&host.name).is_none()).map(|host| {
        let standing = if host.is_unanswered() { "no answer" } else { "not own" };
        row(&host.name, standing, Some((host.page_views, host.filtered)))
    });
    let rows: Vec<_> = std::iter::once(domain).chain(answered).chain(others).collect();
    let rule = if site.hosts.own_only {
        "Hits from hosts without an answer are filtered."
    } else {
        "Hits from hosts without an answer are counted."
    };
    let head = format!("PAGE VIEWS ({} DAYS)", limits::OTHER_HOSTS_DAYS);
    format!("{}\n{rule}", table(&["HOST", "STANDING", &head, "FILTERED"], &rows))
}
