//! The table of all background tasks.

use super::task::Task;
use super::{
    back_up, close_statements, count_dropped_hits, delete_audit_entries, delete_imported_lines,
    delete_letters, delete_removed_sites, delete_salts, delete_samples, delete_sent_hits, delete_sign_ins,
    find_hostnames, match_goals, prune_visits, reload_geoip, reload_referrer_spam, seal_days, send_letters,
    sweep_labels, warm_up, watch_clock,
};

/// All background tasks.
pub const TASKS: [Task; 21] = [
    warm_up::TASK,
    watch_clock::TASK,
    send_letters::TASK,
    find_hostnames::TASK,
    match_goals::TASK,
    count_dropped_hits::TASK,
    reload_geoip::TASK,
    reload_referrer_spam::TASK,
    delete_removed_sites::TASK,
    seal_days::TASK,
    prune_visits::TASK,
    sweep_labels::TASK,
    delete_salts::TASK,
    delete_sign_ins::TASK,
    delete_samples::TASK,
    delete_sent_hits::TASK,
    delete_imported_lines::TASK,
    delete_audit_entries::TASK,
    close_statements::TASK,
    delete_letters::TASK,
    back_up::TASK,
];
