//! The table of all background tasks: name, schedule, function.

use super::task::{Schedule, Task};
use crate::app::{App, backup, blocking, cleanup, filtered_hits, hostnames, mail_queue, salts, sealing};
use crate::billing::months;
use crate::error::Result;
use crate::limits;
use crate::store::{
    audit, devices, email_confirmations, imported_lines, invitations, links, outbox, password_resets,
    sign_ins, trusted_clock,
};
use actix_web::web::Data;
use std::time::Duration;

/// All background tasks.
pub const TASKS: [Task; 19] = [
    Task {
        name: "warm up",
        schedule: Schedule::AtStart,
        needs_trusted_clock: false,
        run: |app| Box::pin(warm_up(app)),
    },
    Task {
        name: "watch the clock",
        schedule: Schedule::Every(Duration::from_mins(1)),
        needs_trusted_clock: false,
        run: |app| Box::pin(watch_clock(app)),
    },
    Task {
        name: "send letters",
        schedule: Schedule::Every(Duration::from_secs(2)),
        needs_trusted_clock: false,
        run: |app| Box::pin(send_letters(app)),
    },
    Task {
        name: "find host names",
        schedule: Schedule::Every(Duration::from_secs(1)),
        needs_trusted_clock: false,
        run: |app| Box::pin(find_hostnames(app)),
    },
    Task {
        name: "count refusals",
        schedule: Schedule::Every(Duration::from_secs(10)),
        needs_trusted_clock: false,
        run: |app| Box::pin(count_refusals(app)),
    },
    Task {
        name: "reload places",
        schedule: Schedule::Every(Duration::from_mins(1)),
        needs_trusted_clock: false,
        run: |app| Box::pin(reload_places(app)),
    },
    Task {
        name: "reload referrer spam",
        schedule: Schedule::Every(Duration::from_mins(1)),
        needs_trusted_clock: false,
        run: |app| Box::pin(reload_referrer_spam(app)),
    },
    Task {
        name: "clear removed sites",
        schedule: Schedule::Every(Duration::from_mins(1)),
        needs_trusted_clock: false,
        run: |app| Box::pin(clear_removed_sites(app)),
    },
    Task {
        name: "seal days",
        schedule: Schedule::Every(Duration::from_mins(1)),
        needs_trusted_clock: false,
        run: |app| Box::pin(seal_days(app)),
    },
    Task {
        name: "drop old visits",
        // The days of sites end at different hours, by their time zones.
        schedule: Schedule::Every(Duration::from_hours(1)),
        needs_trusted_clock: true,
        run: |app| Box::pin(drop_old_visits(app)),
    },
    Task {
        name: "sweep texts",
        schedule: Schedule::Every(Duration::from_mins(1)),
        needs_trusted_clock: false,
        run: |app| Box::pin(sweep_texts(app)),
    },
    Task {
        name: "forget salts",
        schedule: Schedule::Every(Duration::from_mins(10)),
        needs_trusted_clock: true,
        run: |app| Box::pin(forget_salts(app)),
    },
    Task {
        name: "end unused sign-ins",
        schedule: Schedule::Every(Duration::from_hours(1)),
        needs_trusted_clock: true,
        run: |app| Box::pin(end_sign_ins(app)),
    },
    Task {
        name: "forget old samples",
        schedule: Schedule::Every(Duration::from_hours(1)),
        needs_trusted_clock: true,
        run: |app| Box::pin(forget_samples(app)),
    },
    Task {
        name: "forget imported lines",
        schedule: Schedule::Every(Duration::from_hours(1)),
        needs_trusted_clock: true,
        run: |app| Box::pin(forget_imported_lines(app)),
    },
    Task {
        name: "forget old acts",
        schedule: Schedule::Every(Duration::from_hours(24)),
        needs_trusted_clock: true,
        run: |app| Box::pin(forget_acts(app)),
    },
    Task {
        name: "close statements",
        schedule: Schedule::Every(Duration::from_hours(1)),
        needs_trusted_clock: true,
        run: |app| Box::pin(close_statements(app)),
    },
    Task {
        name: "forget old letters",
        schedule: Schedule::Every(Duration::from_hours(24)),
        needs_trusted_clock: true,
        run: |app| Box::pin(forget_letters(app)),
    },
    Task {
        name: "back up",
        schedule: Schedule::Configured(|config| config.backups.as_ref().map(|backups| backups.every)),
        needs_trusted_clock: false,
        run: |app| Box::pin(back_up(app)),
    },
];

/// Sends letters to the mail server, if the operator names one.
async fn send_letters(app: Data<App>) -> Result<()> {
    mail_queue::send(&app).await
}

/// Deletes the remains of removed sites, in slices between which other writes run.
async fn clear_removed_sites(app: Data<App>) -> Result<()> {
    cleanup::delete_removed_sites(&app).await
}

/// Stores finished days as columns, which reports read quickly.
async fn seal_days(app: Data<App>) -> Result<()> {
    sealing::seal_days(&app).await
}

/// Deletes the visits past their site's retention; their totals stay.
async fn drop_old_visits(app: Data<App>) -> Result<()> {
    cleanup::prune(&app).await
}

/// Deletes labels that are unused since visits were erased, if that was interrupted.
async fn sweep_texts(app: Data<App>) -> Result<()> {
    cleanup::sweep(&app).await
}

/// Deletes the samples of hits that were filtered a month ago, and the names of hosts that sent some.
async fn forget_samples(app: Data<App>) -> Result<()> {
    filtered_hits::delete_old_samples(&app).await
}

/// Deletes the fingerprints of imported lines that no import has met for their time of retention, in slices
/// between which other writes run.
async fn forget_imported_lines(app: Data<App>) -> Result<()> {
    let now = app.clock.now();
    while app.write(move |tx| imported_lines::delete_old(tx, now)).await? {}
    Ok(())
}

/// Deletes undeliverable letters after `LETTER_GIVEN_UP_KEPT`.
async fn forget_letters(app: Data<App>) -> Result<()> {
    let before = app.clock.now().before(limits::LETTER_GIVEN_UP_KEPT);
    app.write(move |tx| outbox::delete_given_up(tx, before)).await
}

/// Deletes entries of the audit log that are older than a year.
async fn forget_acts(app: Data<App>) -> Result<()> {
    let now = app.clock.now();
    app.write(move |tx| audit::delete_old(tx, now)).await
}

/// Compiles the patterns of user agents and bots before the first hit needs them.
async fn warm_up(_: Data<App>) -> Result<()> {
    blocking::run(|| {
        crate::ingest::user_agent::warm();
        crate::ingest::bots::warm();
        Ok(())
    })
    .await
}

/// Deletes the salts of past days, and the address keys made with them.
async fn forget_salts(app: Data<App>) -> Result<()> {
    salts::delete_old(&app).await
}

/// Stores the last trusted time, and corrects times that were stored while the clock was ahead.
async fn watch_clock(app: Data<App>) -> Result<()> {
    let Some(now) = app.trusted_clock.now() else { return Ok(()) };
    app.write(move |tx| {
        trusted_clock::set(tx, now)?;
        trusted_clock::bring_back_moments(tx, now)
    })
    .await
}

/// Writes the counts of hits refused before the writer.
async fn count_refusals(app: Data<App>) -> Result<()> {
    filtered_hits::write_counts(&app).await
}

/// Backs up the data file, if the operator's settings name a folder.
async fn back_up(app: Data<App>) -> Result<()> {
    backup::run(&app).await
}

/// Looks up the host names of visitors' addresses, if the operator switched that on.
async fn find_hostnames(app: Data<App>) -> Result<()> {
    if app.config.resolve_hostnames {
        while hostnames::look_up(&app).await? {}
    }
    Ok(())
}

async fn end_sign_ins(app: Data<App>) -> Result<()> {
    let now = app.clock.now();
    app.write(move |tx| {
        sign_ins::delete_unused(tx, now)?;
        devices::delete_old(tx, now)?;
        invitations::delete_old(tx, now)?;
        links::delete_old_passes(tx, now)?;
        email_confirmations::delete_old(tx, now)?;
        password_resets::delete_old(tx, now)
    })
    .await
}

/// Closes the months that are over in every time zone, for all users with a plan.
async fn close_statements(app: Data<App>) -> Result<()> {
    let due = app.view(months::due).await?;
    if due.is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    app.write(move |tx| months::close(tx, &due, now)).await
}

/// Reads the operator's MMDB file again if it has changed.
async fn reload_places(app: Data<App>) -> Result<()> {
    blocking::run(move || app.geoip.reload_if_changed()).await
}

/// Reads the operator's file of referrer spam again if it has changed.
async fn reload_referrer_spam(app: Data<App>) -> Result<()> {
    blocking::run(move || app.spam.reload_if_changed()).await
}
