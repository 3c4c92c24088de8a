//! Background work as one table: name, schedule, act. A task that fails is logged and tried again at its next turn. When
//! each ran last is kept in the file, so that a restart neither skips a turn nor gives one twice; every act is such that
//! a turn which was cut off may be taken again.

use crate::app::App;
use crate::billing::months;
use crate::clock::Timestamp;
use crate::config::ServeConfig;
use crate::error::Result;
use crate::limits;
use crate::log;
use crate::store::tasks::{self, Run};
use crate::store::{audit, devices, invitations, links, outbox, proofs, resets, sign_ins};
use actix_web::rt::task::JoinHandle;
use actix_web::web::Data;
use futures_util::future::LocalBoxFuture;
use std::time::Duration;

/// When a task has its turns.
#[derive(Clone, Copy)]
enum Schedule {
    /// Once, whenever the program starts.
    AtStart,
    /// Whenever this long has passed since the last turn, also while the program was stopped.
    Every(Duration),
    /// Whenever the time in the operator's settings has passed since the last turn; never if they have none.
    AsTold(fn(&ServeConfig) -> Option<Duration>),
}

impl Schedule {
    /// Returns the time between two turns; none for a task with one turn, at the start, or with no turns.
    fn period(self, config: &ServeConfig) -> Option<Duration> {
        match self {
            Self::AtStart => None,
            Self::Every(period) => Some(period),
            Self::AsTold(period) => period(config),
        }
    }
}

struct Task {
    name: &'static str,
    schedule: Schedule,
    /// True for a task that deletes or closes old things for good: it does not run by a clock that is not
    /// believed.
    needs_trusted_clock: bool,
    run: fn(Data<App>) -> LocalBoxFuture<'static, Result<()>>,
}

const TASKS: [Task; 17] = [
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
        // Each site's day ends at an hour of its own.
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
        schedule: Schedule::AsTold(|config| config.backups.as_ref().map(|told| told.every)),
        needs_trusted_clock: false,
        run: |app| Box::pin(back_up(app)),
    },
];

/// The rhythm of a task, as far as it is known without the server's settings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Once, at the start.
    Start,
    /// Whenever this time has passed.
    Every(Duration),
    /// Whenever the time in the server's settings has passed.
    AsTold,
}

/// Lists the name and period of every task.
pub fn plan() -> impl Iterator<Item = (&'static str, Period)> {
    TASKS.iter().map(|task| match task.schedule {
        Schedule::AtStart => (task.name, Period::Start),
        Schedule::Every(period) => (task.name, Period::Every(period)),
        Schedule::AsTold(_) => (task.name, Period::AsTold),
    })
}

/// Starts every task that has turns.
pub async fn start(app: &Data<App>) -> Result<Vec<JoinHandle<()>>> {
    let runs = app.read(tasks::list).await?;
    let last = |task: &Task| runs.iter().find(|run| run.name == task.name).cloned();
    let has_turns = |task: &&Task| {
        matches!(task.schedule, Schedule::AtStart) || task.schedule.period(&app.config).is_some()
    };
    let tasks = TASKS.iter().filter(has_turns);
    Ok(tasks.map(|task| actix_web::rt::spawn(repeat(app.clone(), task, last(task)))).collect())
}

/// Returns the time until a task's next turn. One that failed is tried again sooner.
fn wait(period: Duration, last: Option<&Run>, now: Timestamp) -> Duration {
    match last {
        Some(last) if last.ran_at <= now => {
            let failed = last.problem.is_some();
            let period = if failed { period.min(limits::TASK_TRIED_AGAIN) } else { period };
            period.saturating_sub(now.since(last.ran_at))
        }
        // It never ran, or the clock was ahead when it did.
        _ => Duration::ZERO,
    }
}

/// Whether a turn is written down: not every one of those that come every few seconds, unless it ended otherwise.
fn is_noted(period: Option<Duration>, noted: Option<&Run>, run: &Run) -> bool {
    let is_rare = period.is_some_and(|period| period >= limits::TASK_NOTED_EVERY);
    let is_news = noted.is_none_or(|noted| {
        noted.problem != run.problem || run.ran_at.has_passed(limits::TASK_NOTED_EVERY, noted.ran_at)
    });
    is_rare || is_news
}

async fn repeat(app: Data<App>, task: &'static Task, mut noted: Option<Run>) {
    let period = task.schedule.period(&app.config);
    let mut last = noted.clone();
    loop {
        if let Some(period) = period {
            tokio::time::sleep(wait(period, last.as_ref(), app.clock.now())).await;
        }
        let run = turn(&app, task).await;
        last = Some(run.clone());
        if is_noted(period, noted.as_ref(), &run) {
            let kept = run.clone();
            match app.write(move |tx| tasks::set(tx, &kept)).await {
                Ok(()) => noted = Some(run),
                Err(error) => {
                    if let Some(left_out) = log::failure(task.name, &error) {
                        tracing::warn!(task = task.name, %error, left_out, "a task's run was not written down");
                    }
                }
            }
        }
        if period.is_none() {
            return;
        }
    }
}

async fn turn(app: &Data<App>, task: &'static Task) -> Run {
    let began = app.clock.now();
    if task.needs_trusted_clock
        && let Some(doubt) = app.clock_doubt()
    {
        return Run { name: task.name.to_owned(), ran_at: began, milliseconds: 0, problem: Some(doubt) };
    }
    let outcome = (task.run)(app.clone()).await;
    if let Err(error) = &outcome
        && let Some(left_out) = log::failure(task.name, error)
    {
        tracing::error!(task = task.name, %error, left_out, "a task failed and is tried again at its next turn");
    }
    let milliseconds = app.clock.now().since(began).as_millis();
    Run {
        name: task.name.to_owned(),
        ran_at: began,
        milliseconds: i64::try_from(milliseconds).unwrap_or(i64::MAX),
        problem: outcome.err().map(|error| error.to_string()),
    }
}

/// Hands letters to the mail server, where the operator names one.
async fn send_letters(app: Data<App>) -> Result<()> {
    app.send_letters().await
}

/// Deletes what removed sites left behind, in slices between which others write.
async fn clear_removed_sites(app: Data<App>) -> Result<()> {
    app.clear_removed_sites().await
}

/// Stores finished days as columns, which reports read quickly.
async fn seal_days(app: Data<App>) -> Result<()> {
    app.seal_days().await
}

/// Drops the visits that sites do not keep any longer; their totals stay.
async fn drop_old_visits(app: Data<App>) -> Result<()> {
    app.prune().await
}

/// Deletes the texts that nobody uses any more after visits were erased, where that was cut off.
async fn sweep_texts(app: Data<App>) -> Result<()> {
    app.sweep().await
}

/// Deletes the samples of hits that were filtered a month ago.
async fn forget_samples(app: Data<App>) -> Result<()> {
    app.forget_samples().await
}

/// Forgets letters that were given up long ago.
async fn forget_letters(app: Data<App>) -> Result<()> {
    let before = app.clock.now().before(limits::LETTER_GIVEN_UP_KEPT);
    app.write(move |tx| outbox::delete_given_up(tx, before)).await
}

/// Forgets what the audit log has kept for a year.
async fn forget_acts(app: Data<App>) -> Result<()> {
    let now = app.clock.now();
    app.write(move |tx| audit::delete_old(tx, now)).await
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

/// Deletes the salts of past days, and the keys made with them.
async fn forget_salts(app: Data<App>) -> Result<()> {
    app.forget_salts().await
}

/// Writes down the last moment at which the clock was believed.
async fn watch_clock(app: Data<App>) -> Result<()> {
    app.watch_clock().await
}

/// Writes down what was refused before the writer saw it.
async fn count_refusals(app: Data<App>) -> Result<()> {
    app.count_refusals().await
}

/// Backs the data file up, if the operator's settings say where.
async fn back_up(app: Data<App>) -> Result<()> {
    app.back_up().await
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
    app.write(move |tx| {
        sign_ins::delete_unused(tx, now)?;
        devices::delete_old(tx, now)?;
        invitations::delete_old(tx, now)?;
        links::delete_old_passes(tx, now)?;
        proofs::delete_old(tx, now)?;
        resets::delete_old(tx, now)
    })
    .await
}

/// Closes the months that are over everywhere, for everybody who has a plan.
async fn close_statements(app: Data<App>) -> Result<()> {
    let due = app.report(months::due).await?;
    if due.is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    app.write(move |tx| months::close(tx, &due, now)).await
}

/// Reads the operator's MMDB file again when it has changed.
async fn reload_places(app: Data<App>) -> Result<()> {
    App::block(move || app.places.reload_if_changed()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAILY: Duration = Duration::from_hours(24);
    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn run(at: Timestamp, problem: Option<&str>) -> Run {
        Run { name: "x".into(), ran_at: at, milliseconds: 1, problem: problem.map(str::to_owned) }
    }

    #[test]
    fn a_turn_comes_when_its_period_has_passed_whether_or_not_the_program_ran() {
        assert_eq!(wait(DAILY, None, NOW), Duration::ZERO);
        let ran = |at| wait(DAILY, Some(&run(at, None)), NOW);
        assert_eq!(ran(NOW.before(Duration::from_hours(1))), Duration::from_hours(23));
        assert_eq!(ran(NOW.before(Duration::from_hours(99))), Duration::ZERO);
        assert_eq!(ran(NOW.after(Duration::from_hours(99))), Duration::ZERO, "a clock that was ahead");
    }

    #[test]
    fn a_turn_that_failed_is_taken_again_before_its_period_has_passed() {
        let failed = run(NOW, Some("the disk is full"));
        assert_eq!(wait(DAILY, Some(&failed), NOW), limits::TASK_TRIED_AGAIN);
        assert_eq!(wait(Duration::from_secs(2), Some(&failed), NOW), Duration::from_secs(2));
    }

    #[test]
    fn frequent_turns_are_noted_now_and_then_and_when_they_end_otherwise() {
        let often = Some(Duration::from_secs(1));
        let noted = run(NOW, None);
        let soon = NOW.after(Duration::from_secs(1));
        assert!(is_noted(often, None, &noted) && is_noted(Some(DAILY), Some(&noted), &run(soon, None)));
        assert!(!is_noted(often, Some(&noted), &run(soon, None)));
        assert!(is_noted(often, Some(&noted), &run(soon, Some("failed"))));
        assert!(is_noted(often, Some(&noted), &run(NOW.after(limits::TASK_NOTED_EVERY), None)));
        let ahead = run(NOW.after(Duration::from_hours(99)), None);
        assert!(is_noted(often, Some(&ahead), &run(soon, None)), "a clock that was ahead");
    }

    #[test]
    fn every_task_has_a_name_of_its_own() {
        let mut names: Vec<_> = TASKS.iter().map(|task| task.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TASKS.len());
    }
}
