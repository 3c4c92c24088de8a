//! The health check: the outcome of the last write says whether hits can be stored; without a recent one, a
//! write is tried.

use super::App;
use crate::error::Error;
use crate::limits;
use crate::store::writable;

/// Checks that hits can be stored now. However many requests come in, one write is tried at a time, and
/// none while the last outcome is recent.
///
/// # Errors
///
/// Fails with a sentence for the operator: the last write's problem, or that none ended within
/// `HEALTH_WITHIN`.
pub async fn check(app: &App) -> Result<(), String> {
    let outcome = tokio::time::timeout(limits::HEALTH_WITHIN, try_writing(app)).await;
    outcome.unwrap_or_else(|_| {
        let seconds = limits::HEALTH_WITHIN.as_secs();
        Err(format!("What is to be written has been waiting for {seconds} seconds."))
    })
}

async fn try_writing(app: &App) -> Result<(), String> {
    if let Some(condition) = app.database.writer.condition() {
        return condition;
    }
    let _probing = app.upkeep.probing.lock().await;
    if let Some(condition) = app.database.writer.condition() {
        return condition;
    }
    match app.write(writable::probe).await {
        Ok(()) => Ok(()),
        // The writer's last fault is more precise than `Busy`; without one, the queue is full or closed.
        Err(Error::Busy) => match app.database.writer.condition() {
            Some(Err(fault)) => Err(fault),
            _ => Err("More is to be written than the disk takes, or the program is stopping.".to_owned()),
        },
        Err(error) => Err(error.to_string()),
    }
}
