//! The deletion of unused sign-ins, devices, invitations, guest passes and links for letters.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::store::{devices, email_confirmations, invitations, links, password_resets, sign_ins};
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "end unused sign-ins",
    schedule: Schedule::Every(Duration::from_hours(1)),
    needs_trusted_clock: true,
    run: |app| Box::pin(run(app)),
};

/// Ends sign-ins that were not used for long, and deletes what has expired with them.
async fn run(app: Data<App>) -> Result<()> {
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
