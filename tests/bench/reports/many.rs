//! Many small sites in one file.

use crate::{bytes_an_action, demo, measure, serve, sign_in, told};
use rusqlite::Connection;
use std::fmt::Write as _;
use std::path::Path;

/// Visits in a year of a site with 1,000 actions a month.
const VISITS: u64 = 4_240;

/// Copies one small site so many times, and prints how long its dashboard and the list of all sites take.
pub fn measure_sites(folder: &Path, sites: u64, runs: u64) {
    let file = folder.join("sites.db");
    let (actions, password) = demo(&file, VISITS, 365);
    let connection = Connection::open(&file).unwrap();
    for copy in 2..=sites {
        let mut sql = format!(
            "begin;
             insert into sites (id, owner_id, domain, name, time_zone, site_key, site_key_admin, created_at)
             select {copy}, owner_id, 'site-{copy}.example', 'Site {copy}', time_zone,
               lower(hex(randomblob(8))), lower(hex(randomblob(16))), created_at from sites where id = 1;"
        );
        for table in ["visits", "actions", "media", "custom", "conversions", "filtered"] {
            let columns: Vec<String> = connection
                .prepare(&format!("select name from pragma_table_info('{table}') where name <> 'site_id'"))
                .unwrap()
                .query_map([], |row| row.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            let columns = columns.join(", ");
            write!(sql, "insert into {table} (site_id, {columns}) select {copy}, {columns} from {table} where site_id = 1;").unwrap();
        }
        connection.execute_batch(&(sql + "commit;")).unwrap();
    }
    drop(connection);
    // Whatever is imported, all days are sealed after it.
    let hit = folder.join("hit.jsonl");
    std::fs::write(
        &hit,
        "{\"time\":\"2026-01-01T10:00:00Z\",\"type\":\"pageview\",\"href\":\"/\",\"ip\":\"24.1.1.1\"}\n",
    )
    .unwrap();
    told(&file, &["import", hit.to_str().unwrap(), "--site", "1", "--json"]);
    println!(
        "{sites} sites with {actions} actions each: {:.1} bytes an action",
        bytes_an_action(&file, actions * sites)
    );
    told(&file, &["compact", "--json"]);
    println!("after `compact`: {:.1} bytes an action", bytes_an_action(&file, actions * sites));
    let cookie = sign_in(&file, &password);
    let (server, address) = serve(&file);
    measure(address, ("dashboard, 30 days", "/sites/500?date=last-30-days", Some(30)), &cookie, runs);
    measure(address, ("dashboard, 12 months", "/sites/500?date=last-365-days", Some(30)), &cookie, runs);
    measure(address, ("list of all sites", "/", Some(30)), &cookie, runs);
    println!("anonymous resident memory then: {} MiB", server.anonymous());
}
