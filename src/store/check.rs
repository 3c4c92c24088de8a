//! Consistency checks of a data file.

use crate::error::Result;
use rusqlite::Connection;

/// Lists the problems of a file, a sentence each; empty for a sound file.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn problems(connection: &Connection) -> Result<Vec<String>> {
    let mut problems = integrity(connection)?;
    for ((one, several), sql) in QUESTIONS {
        let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        if count > 0 {
            problems.push(format!("{count} {}", if count == 1 { one } else { several }));
        }
    }
    Ok(problems)
}

/// Lists the problems of the file's pages and foreign keys, a sentence each.
pub(super) fn integrity(connection: &Connection) -> Result<Vec<String>> {
    let mut question = connection.prepare("pragma integrity_check(20)")?;
    let lines =
        question.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut problems: Vec<String> = lines.into_iter().filter(|line| line != "ok").collect();
    let mut question =
        connection.prepare("select \"table\", count(*) from pragma_foreign_key_check group by 1")?;
    let broken = question.query_map([], |row| {
        let (table, count) = (row.get::<_, String>(0)?, row.get::<_, i64>(1)?);
        Ok(match count {
            1 => format!("1 row of {table} points to something that is gone"),
            _ => format!("{count} rows of {table} point to something that is gone"),
        })
    })?;
    problems.extend(broken.collect::<rusqlite::Result<Vec<_>>>()?);
    Ok(problems)
}

/// Problems, each as a phrase for one and for several, and the query that counts them.
const QUESTIONS: [((&str, &str), &str); 8] = [
    (
        ("action belongs to no visit", "actions belong to no visit"),
        "select count(*) from actions
         left join visits on visits.site_id = actions.site_id and visits.id = actions.visit_id
         where visits.id is null",
    ),
    (
        ("action has an address or a title that is gone", "actions have an address or a title that is gone"),
        "select count(*) from actions
         left join labels as pages on pages.id = actions.page
         left join labels as titles on titles.id = actions.title
         where (actions.page is not null and pages.id is null)
            or (actions.title is not null and titles.id is null)",
    ),
    (
        (
            "visit has a source, a machine or a place that is gone",
            "visits have a source, a machine or a place that is gone",
        ),
        "select count(*) from visits
         left join sources on sources.id = visits.source
         left join machines on machines.id = visits.machine
         left join places on places.id = visits.place
         where sources.id is null or machines.id is null or places.id is null",
    ),
    (
        ("visit counts other actions than it has", "visits count other actions than they have"),
        "select count(*) from visits
         where actions <> (
           select count(*) from actions
           where actions.site_id = visits.site_id and actions.visit_id = visits.id and actions.kind <> 5)",
    ),
    (
        (
            "visit belongs to a site that is gone; `clickstead site remove` cleans up when it is run again",
            "visits belong to a site that is gone; `clickstead site remove` cleans up when it is run again",
        ),
        "select count(*) from visits where site_id not in (select id from sites)",
    ),
    (
        ("form of a page has a text that is gone", "forms of pages have a text that is gone"),
        "select count(*) from page_forms
         where label not in (select id from labels) or form not in (select id from labels)",
    ),
    (
        ("list of imported lines is cut short", "lists of imported lines are cut short"),
        "select count(*) from imported_lines where length(hashes) % 8 <> 0",
    ),
    (
        (
            "list of imported lines belongs to a site that is gone",
            "lists of imported lines belong to a site that is gone",
        ),
        "select count(*) from imported_lines where site_id not in (select id from sites)",
    ),
];
