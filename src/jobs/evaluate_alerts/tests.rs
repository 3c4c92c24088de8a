//! Alerts of a whole program whose clock the tests steer: four weeks of traffic pass in a moment.

mod counts;
mod letters;
mod pages;
mod traffic;
mod uptime;

use super::*;
use crate::access::audit::Actor;
use crate::alerts::rules;
use crate::alerts::slot::Slot;
use crate::alerts::state::Change;
use crate::config::{MailConfig, PublicUrl, ServeConfig, SmtpServer};
use crate::model::alert::{AlertKind, AlertSettings, GoalMode};
use crate::model::clock::{Clock, Day, Timestamp, Zone};
use crate::model::id::{AlertId, GoalId, MonitorId, UserId, VisitId, VisitorId};
use crate::model::level::Level;
use crate::model::metrics::{Measure, Metrics};
use crate::model::monitor::{MonitorSettings, Network, Statuses};
use crate::reports::engine::rollups;
use crate::reports::visibility::Visibility;
use crate::sites::view_only;
use crate::store::alert_events::AlertEvent;
use crate::store::alerts::AlertScope;
use crate::store::attribute_cache::{AttributeCache, AttributeIds};
use crate::store::conversions::{self, ConversionRow};
use crate::store::interned_table::InternedTable;
use crate::store::outbox::{self, Letter};
use crate::store::shares::{self, NewShare};
use crate::store::sites::{Keys, NewSite, Site};
use crate::store::users::{self, NewUser};
use crate::store::visit_attribute::VisitAttribute;
use crate::store::visits::{self, OpenVisit, VisitStart};
use crate::store::{alert_events, emails, goals, labels, monitors, outages, visit_tables};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;

const HOUR: i64 = 3_600_000;

/// A program with a site, its owner `ada`, and `vera`, with whom it is shared as View Only.
struct Bench {
    app: App,
    clock: Arc<AtomicI64>,
    site: Site,
    ada: UserId,
    vera: UserId,
    visits: i64,
    _folder: TempDir,
}

fn config(folder: &TempDir) -> ServeConfig {
    let server = SmtpServer::parse("smtp://127.0.0.1:1?tls=none").unwrap();
    ServeConfig {
        data: folder.path().join("clickstead.db"),
        public_url: Some(PublicUrl::parse("https://stats.example").unwrap()),
        mail: Some(MailConfig { server, from: "stats@stats.example".into(), root_certificate: None }),
        ..ServeConfig::trusting("10.0.0.0/8")
    }
}

fn berlin() -> Zone {
    Zone::parse("Europe/Berlin").unwrap()
}

/// Returns the time of an hour of the Wednesday of the tests.
fn at(hour: i64) -> Timestamp {
    Slot::first_of(Day::parse("2026-09-16").unwrap()).plus(hour).begins(&berlin())
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(at(0).0));
        let app = App::start(config(&folder), Clock::steered(Arc::clone(&clock))).unwrap();
        let made = app.write(|tx| {
            let user = |username, email| NewUser { username, email, password: "x", created_at: Timestamp(0) };
            let ada = users::create(tx, &user("ada", "ada@a.example"))?;
            let vera = users::create(tx, &user("vera", "vera@a.example"))?;
            emails::prove(tx, ada)?;
            emails::prove(tx, vera)?;
            let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: berlin() };
            let site = sites::create(tx, ada, &new, &Keys::generate()?, Timestamp(0))?;
            let share = NewShare {
                level: Level::ViewOnly,
                given_by: Some(ada),
                given_as: "vera",
                is_invited: false,
                at: Timestamp(0),
            };
            shares::create(tx, site, vera, &share)?;
            Ok((sites::get(tx, site)?, ada, vera))
        });
        let (site, ada, vera) = made.await.unwrap();
        Self { app, clock, site, ada, vera, visits: 0, _folder: folder }
    }

    fn actor(&self) -> Actor {
        Actor::command_line(self.app.clock.now())
    }

    async fn set(&self, owner: Option<UserId>, settings: AlertSettings) -> AlertId {
        let (site, actor) = (self.site.clone(), self.actor());
        let scope = AlertScope { site: site.id, owner };
        self.app.write(move |tx| rules::add(tx, &actor, &site, scope, settings.clone())).await.unwrap()
    }

    /// Adds an alert of the whole site with the settings that are proposed, but this threshold.
    async fn watch(&self, kind: AlertKind, threshold: i64) -> AlertId {
        self.set(None, AlertSettings { threshold, tells_end: true, ..AlertSettings::proposed(kind) }).await
    }

    /// Adds visits that begin within the hour from a time on.
    async fn come(&mut self, from: Timestamp, count: i64) -> Vec<VisitId> {
        self.come_by(from, count, VisitStart::default()).await
    }

    /// Adds visits that a referring site sent.
    async fn come_from(&mut self, from: Timestamp, count: i64, host: &'static str) -> Vec<VisitId> {
        let made = self.app.write(move |tx| {
            let mut ids = AttributeIds::default();
            ids[VisitAttribute::LinkDomain] = match labels::find(tx, host)? {
                Some(label) => label,
                None => labels::create(tx, host)?,
            };
            AttributeCache::default().row(tx, InternedTable::Sources, &ids)
        });
        let source = made.await.unwrap();
        self.come_by(from, count, VisitStart { source, ..VisitStart::default() }).await
    }

    async fn come_by(&mut self, from: Timestamp, count: i64, start: VisitStart) -> Vec<VisitId> {
        let site = self.site.id;
        let first = self.visits;
        self.visits += count;
        let visits: Vec<OpenVisit> = (0..count)
            .map(|number| OpenVisit {
                id: VisitId(VisitId::first_at(Timestamp(from.0 + number * 1_000)).0 + first + number),
                visitor: VisitorId(first + number + 1),
                stay: 0,
                actions: 1,
                page_views: 1,
                last_number: 1,
                exit: None,
            })
            .collect();
        let ids: Vec<VisitId> = visits.iter().map(|visit| visit.id).collect();
        let made = self.app.write(move |tx| {
            visits.iter().try_for_each(|visit| visits::create_visit(tx, site, visit, &start))
        });
        made.await.unwrap();
        self.app.database.changes.publish(ids.iter().map(|id| (site, *id)));
        ids
    }

    /// Adds four weeks of traffic before the tests' Wednesday: as many visits in each hour.
    async fn four_weeks(&mut self, each_hour: i64) {
        for hour in -29 * 24..0 {
            self.come(at(hour), each_hour).await;
        }
    }

    /// Adds visits of a page that was not found.
    async fn miss(&mut self, from: Timestamp, count: i64, address: &'static str) {
        let (site, missing) = (self.site.id, self.come(from, count).await);
        let visits = missing.clone();
        let made = self.app.write(move |tx| {
            let page = match labels::find(tx, address)? {
                Some(label) => label,
                None => labels::create(tx, address)?,
            };
            visits
                .iter()
                .try_for_each(|visit| visit_tables::create_missing_page(tx, site, *visit, page, None, 1))
        });
        made.await.unwrap();
        self.app.database.changes.publish(missing.into_iter().map(|visit| (site, visit)));
    }

    async fn convert(&mut self, from: Timestamp, goal: GoalId, revenue: i64) {
        let visit = self.come(from, 1).await[0];
        let site = self.site.id;
        let row = ConversionRow {
            visit,
            number: 1,
            at: 0,
            goal,
            is_matched: false,
            sent: Some(revenue),
            revenue,
            counts: true,
        };
        self.app.write(move |tx| conversions::create(tx, site, &row)).await.unwrap();
        self.app.database.changes.publish([(site, visit)]);
    }

    async fn goal(&self) -> GoalId {
        let (site, now) = (self.site.id, self.app.clock.now());
        self.app.write(move |tx| goals::create_found(tx, site, "Order", now)).await.unwrap()
    }

    /// Looks at a time.
    async fn look(&self, now: Timestamp) {
        self.clock.store(now.0, Ordering::SeqCst);
        evaluate(&self.app).await.unwrap();
    }

    /// Looks every twenty minutes between two hours.
    async fn looks(&self, hours: std::ops::Range<i64>) {
        for twenty in hours.start * 3..hours.end * 3 {
            self.look(Timestamp(at(0).0 + twenty * HOUR / 3)).await;
        }
    }

    async fn events(&self, alert: AlertId) -> Vec<AlertEvent> {
        self.app.read(move |connection| alert_events::list(connection, alert, 100)).await.unwrap()
    }

    async fn letters(&self) -> Vec<Letter> {
        let now = self.app.clock.now();
        let waiting = self.app.read(move |connection| outbox::list_due(connection, now, 100)).await.unwrap();
        waiting.into_iter().map(|waiting| waiting.letter).collect()
    }

    /// Returns the receivers and subjects of all letters.
    async fn subjects(&self) -> Vec<String> {
        let letters = self.letters().await.into_iter();
        letters.map(|letter| format!("{}: {}", letter.recipient, letter.subject)).collect()
    }
}
