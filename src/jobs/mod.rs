//! Background work as one table: name, period, act. A task that fails is logged and tried again at its next turn.

use crate::app::App;
use crate::clock::Zone;
use crate::error::Result;
use crate::limits;
use crate::store::{salts, sign_ins, sites};
use actix_web::rt::task::JoinHandle;
use actix_web::web::Data;
use futures_util::future::LocalBoxFuture;
use std::time::Duration;

struct Task {
    name: &'static str,
    period: Duration,
    run: fn(Data<App>) -> LocalBoxFuture<'static, Result<()>>,
}

const TASKS: [Task; 6] = [
    Task { name: "warm up", period: Duration::MAX, run: |app| Box::pin(warm_up(app)) },
    Task { name: "forget salts", period: Duration::from_mins(10), run: |app| Box::pin(forget_salts(app)) },
    Task {
        name: "end unused sign-ins",
        period: Duration::from_hours(1),
        run: |app| Box::pin(end_sign_ins(app)),
    },
    Task {
        name: "count refusals",
        period: Duration::from_secs(10),
        run: |app| Box::pin(count_refusals(app)),
    },
    Task {
        name: "find host names",
        period: Duration::from_secs(1),
        run: |app| Box::pin(find_hostnames(app)),
    },
    Task { name: "reload places", period: Duration::from_mins(1), run: |app| Box::pin(reload_places(app)) },
];

/// Starts every task; each runs at once and then at its period.
pub fn start(app: &Data<App>) -> Vec<JoinHandle<()>> {
    TASKS.iter().map(|task| actix_web::rt::spawn(repeat(app.clone(), task))).collect()
}

async fn repeat(app: Data<App>, task: &'static Task) {
    loop {
        if let Err(error) = (task.run)(app.clone()).await {
            tracing::error!(task = task.name, %error, "a task failed and is tried again at its next turn");
        }
        tokio::time::sleep(task.period).await;
    }
}

/// Compiles the patterns of agents and robots before the first hit needs them.
async fn warm_up(_: Data<App>) -> Result<()> {
    App::block(|| {
        crate::ingest::agent::warm();
        crate::ingest::bots::warm();
        Ok(())
    })
    .await
}

/// Deletes the salts under which no visit can go on: those of days that ended longer ago than a visit lasts.
async fn forget_salts(app: Data<App>) -> Result<()> {
    let longest = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());
    let needed_since = app.clock.now().before(longest);
    let old = app
        .read(move |connection| {
            let sites = sites::list(connection)?;
            let is_old = |(site, day): &(crate::id::SiteId, crate::clock::Day)| {
                let zone = sites
                    .iter()
                    .find(|known| known.id == *site)
                    .map_or_else(Zone::utc, |known| known.zone.clone());
                *day < zone.day(needed_since)
            };
            Ok(salts::days(connection)?.into_iter().filter(is_old).collect::<Vec<_>>())
        })
        .await?;
    if old.is_empty() {
        return Ok(());
    }
    app.write(move |tx| old.iter().try_for_each(|(site, day)| salts::delete(tx, *site, *day))).await
}

/// Writes down what was refused before the writer saw it.
async fn count_refusals(app: Data<App>) -> Result<()> {
    app.count_refusals().await
}

/// Asks what visitors' addresses are called, where the operator wants to know.
async fn find_hostnames(app: Data<App>) -> Result<()> {
    if app.config.resolve_hostnames {
        while app.find_hostnames().await? {}
    }
    Ok(())
}

async fn end_sign_ins(app: Data<App>) -> Result<()> {
    let now = app.clock.now();
    app.write(move |tx| sign_ins::delete_unused(tx, now)).await
}

/// Reads the operator's MMDB file again when it has changed.
async fn reload_places(app: Data<App>) -> Result<()> {
    App::block(move || app.places.reload_if_changed()).await
}
