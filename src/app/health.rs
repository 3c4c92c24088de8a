//! The health check: the outcome of the last write tells whether hits can be stored; without a recent one, a
//! write is tried.

use super::App;
use crate::error::Error;
use crate::limits;
use crate::store::writable;

impl App {
    /// Checks that hits can be stored now; the error is a sentence for the operator. However many requests
    /// ask, one write is tried at a time, and none while the last outcome counts.
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
            // The writer knows better than its answer tells; else it did not come to that.
            Err(Error::Busy) => match self.writer.condition() {
                Some(Err(fault)) => Err(fault),
                _ => Err("More is to be written than the disk takes, or the program is stopping.".to_owned()),
            },
            Err(error) => Err(error.to_string()),
        }
    }
}
