//! The sealing of finished days in the background.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::reports::engine::sealing::{self, EncodedBlock};
use crate::store::blocks;
use crate::store::sites::{self, Site};
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "seal days",
    schedule: Schedule::Every(Duration::from_mins(1)),
    needs_trusted_clock: false,
    run: |app| Box::pin(async move { seal_days(&app).await }),
};

/// Seals the finished days of all sites that are not sealed, or not any more. Columns are built on a reader
/// and written in slices, between which other writes run. A site that was removed meanwhile is passed over.
///
/// # Errors
///
/// Fails when the data file cannot be read or written.
pub async fn seal_days(app: &App) -> Result<()> {
    let _sealing = app.upkeep.sealing.lock().await;
    for site in app.read(sites::list).await? {
        if app.is_stopping() {
            break;
        }
        let id = site.id;
        if let Err(error) = seal_site(app, site).await
            && app.read(move |connection| sites::find(connection, id)).await?.is_some()
        {
            return Err(error);
        }
    }
    Ok(())
}

async fn seal_site(app: &App, site: Site) -> Result<()> {
    let (now, damaged) = (app.clock.now(), app.database.block_cache.damaged());
    let limits = app.database.block_cache.limits;
    let of_site = site.clone();
    if app.read(move |connection| sealing::is_premature(connection, &of_site, now)).await? {
        let of_site = site.clone();
        app.write(move |tx| sealing::unseal_premature(tx, &of_site, now)).await?;
        tracing::warn!(site = site.id.0, "sealed days are not over: the clock was ahead");
    }
    let (of_site, known) = (site.clone(), damaged.clone());
    if app.read(move |connection| sealing::is_sealed(connection, &of_site, now, &known)).await? {
        return Ok(());
    }
    let id = site.id;
    for (first, seal) in app.read(move |connection| blocks::list_strays(connection, id)).await? {
        app.write(move |tx| blocks::delete_stray(tx, id, first, seal)).await?;
    }
    let of_site = site.clone();
    for range in app
        .read(move |connection| sealing::due(connection, &of_site, now, &damaged, limits.whole_visits_max))
        .await?
    {
        if app.is_stopping() {
            return Ok(());
        }
        let of_site = site.clone();
        let mut block =
            app.read(move |connection| EncodedBlock::build(connection, &of_site, range, limits)).await?;
        for slice in block.slices() {
            app.write(move |tx| slice.write(tx)).await?;
        }
        // A day whose visits changed meanwhile stays unsealed and is built again at the next turn.
        let clock = app.clock.clone();
        app.write(move |tx| block.seal(tx, clock.now())).await?;
    }
    Ok(())
}
