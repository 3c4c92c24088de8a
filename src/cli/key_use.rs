//! The last use of a site key or a personal token, as commands print it.

use crate::model::clock::Zone;
use crate::store::key_uses::KeyUse;
use serde_json::{Value, json};

/// Returns the time in UTC, the address and the program of a last use as text; `not yet` if there was none.
pub(super) fn text(used: Option<&KeyUse>) -> String {
    used.map_or_else(
        || "not yet".to_owned(),
        |used| format!("{} {} {}", Zone::utc().local_second(used.at), used.address, used.user_agent),
    )
}

/// Returns a last use as JSON.
pub(super) fn json(used: &KeyUse) -> Value {
    json!({"at": used.at.seconds(), "address": used.address, "user_agent": used.user_agent})
}
