//! The table of all background tasks.

use super::task::Task;
use super::{
    back_up, check_monitors, close_statements, count_dropped_hits, delete_alert_events, delete_audit_entries,
    delete_checks, delete_clicks, delete_deliveries, delete_imported_lines, delete_letters,
    delete_removed_sites, delete_salts, delete_samples, delete_sent_hits, delete_sign_ins, evaluate_alerts,
    find_hostnames, match_goals, prune_visits, reload_geoip, reload_referrer_spam, seal_days, send_digests,
    send_letters, send_webhooks, sweep_labels, warm_up, watch_clock,
};

/// All background tasks.
pub const TASKS: &[Task] = &[
    warm_up::TASK,
    watch_clock::TASK,
    evaluate_alerts::TASK,
    send_letters::TASK,
    send_digests::TASK,
    send_webhooks::TASK,
    check_monitors::TASK,
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
    delete_alert_events::TASK,
    delete_audit_entries::TASK,
    close_statements::TASK,
    delete_checks::TASK,
    delete_clicks::TASK,
    delete_letters::TASK,
    delete_deliveries::TASK,
    back_up::TASK,
];
