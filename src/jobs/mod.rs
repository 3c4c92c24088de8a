//! Background tasks, each with a schedule. A failed task is logged and tried again at its next run. The time of
//! each task's last run is stored in the data file, so that a restart neither skips a run nor repeats one;
//! every task can be repeated safely after an interruption.

mod back_up;
mod check_monitors;
mod close_statements;
pub mod count_dropped_hits;
mod delete_alert_events;
mod delete_audit_entries;
mod delete_checks;
mod delete_clicks;
mod delete_deliveries;
mod delete_imported_lines;
mod delete_letters;
pub mod delete_removed_sites;
mod delete_salts;
mod delete_samples;
mod delete_sent_hits;
mod delete_sign_ins;
pub mod evaluate_alerts;
mod find_hostnames;
mod match_goals;
pub mod prune_visits;
pub mod refresh_live_days;
mod reload_geoip;
mod reload_referrer_spam;
mod seal_days;
mod send_digests;
pub mod send_letters;
mod send_webhooks;
pub mod sweep_labels;
mod table;
pub mod task;
mod warm_up;
mod watch_clock;
mod write_ahead_log;

use self::table::TASKS;
use self::task::{Period, Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::log;
use crate::model::clock::Timestamp;
use crate::store::tasks::{self, Run};
use actix_web::rt::task::JoinHandle;
use actix_web::web::Data;
use std::time::Duration;

/// Returns the name and period of every task.
pub fn plan() -> impl Iterator<Item = (&'static str, Period)> {
    TASKS.iter().map(|task| (task.name, task.schedule.known_period()))
}

/// Starts every task that has a schedule.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn start(app: &Data<App>) -> Result<Vec<JoinHandle<()>>> {
    let runs = app.read(tasks::list).await?;
    let last = |task: &Task| runs.iter().find(|run| run.name == task.name).cloned();
    let has_runs = |task: &&Task| {
        matches!(task.schedule, Schedule::AtStart) || task.schedule.period(&app.config).is_some()
    };
    let tasks = TASKS.iter().filter(has_runs);
    Ok(tasks.map(|task| actix_web::rt::spawn(repeat(app.clone(), task, last(task)))).collect())
}

/// Returns the time until a task's next run. A failed task is tried again after `TASK_TRIED_AGAIN` at the
/// latest.
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

/// Returns true if a run is to be stored: always for a rare task; for a frequent one only if the outcome
/// changed or the last stored run is older than `TASK_NOTED_EVERY`.
fn is_stored(period: Option<Duration>, stored: Option<&Run>, run: &Run) -> bool {
    let is_rare = period.is_some_and(|period| period >= limits::TASK_NOTED_EVERY);
    let has_changed = stored.is_none_or(|stored| {
        stored.problem != run.problem || run.ran_at.has_passed(limits::TASK_NOTED_EVERY, stored.ran_at)
    });
    is_rare || has_changed
}

async fn repeat(app: Data<App>, task: &'static Task, mut stored: Option<Run>) {
    let period = task.schedule.period(&app.config);
    let mut last = stored.clone();
    loop {
        if let Some(period) = period {
            tokio::time::sleep(wait(period, last.as_ref(), app.clock.now())).await;
        }
        let run = run_once(&app, task).await;
        last = Some(run.clone());
        if is_stored(period, stored.as_ref(), &run) {
            let finished = run.clone();
            match app.write(move |tx| tasks::set(tx, &finished)).await {
                Ok(()) => stored = Some(run),
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

async fn run_once(app: &Data<App>, task: &'static Task) -> Run {
    let began = app.clock.now();
    if task.needs_trusted_clock
        && let Some(doubt) = app.trusted_clock.doubt()
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
        let stored = run(NOW, None);
        let soon = NOW.after(Duration::from_secs(1));
        assert!(is_stored(often, None, &stored) && is_stored(Some(DAILY), Some(&stored), &run(soon, None)));
        assert!(!is_stored(often, Some(&stored), &run(soon, None)));
        assert!(is_stored(often, Some(&stored), &run(soon, Some("failed"))));
        assert!(is_stored(often, Some(&stored), &run(NOW.after(limits::TASK_NOTED_EVERY), None)));
        let ahead = run(NOW.after(Duration::from_hours(99)), None);
        assert!(is_stored(often, Some(&ahead), &run(soon, None)), "a clock that was ahead");
    }

    #[test]
    fn every_task_has_a_name_of_its_own() {
        let mut names: Vec<_> = TASKS.iter().map(|task| task.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TASKS.len());
    }
}
