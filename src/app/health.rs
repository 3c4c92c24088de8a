//! The health check: the outcome of the last write says whether hits can be stored; without a recent one, a
//! write is tried.

use super::App;
use crate::error::Error;
use crate::limits;
use crate::store::writable;

impl App {
    /// Checks that hits can be stored now. However many requests come in, one write is tried at a time, and
    /// none while the last outcome is recent.
    ///
    /// # Errors
    ///
    /// Fails with a sentence for the operator: the last write's problem, or that none ended within
    /// `HEALTH_WITHIN`.
    pub async fn health(&self) -> Result<(), String> {
        let asked = tokio::time::timeout(limits::HEALTH_WITHIN, self.try_writing()).await;
        asked.unwrap_or_else(|_| {
            let seconds = limits::HEALTH_WITHIN.as_secs();
            Err(format!("What is to be written has been waiting for {seconds} seconds."))
        })
    }

    async fn try_writing(&self) -> Result<(), String> {
        if let Some(known) = self.writer.condition() {
            return known;
        }
        let _turn = self.probing.lock().await;
        if let Some(known) = self.writer.condition() {
            return known;
        }
        match self.write(writable::probe).await {
            Ok(()) => Ok(()),
            // The writer's last fault is more precise than `Busy`; without one, the queue is full or closed.
            Err(Error::Busy) => match self.writer.condition() {
                Some(Err(fault)) => Err(fault),
                _ => Err("More is to be written than the disk takes, or the program is stopping.".to_owned()),
            },
            Err(error) => Err(error.to_string()),
        }
    }
}
