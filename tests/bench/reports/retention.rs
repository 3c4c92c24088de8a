//! Retention over a year of visitors who are recognized by cookies: the visits of the demo get visitors who come back, three
//! times on average, and the days are sealed anew.

use super::{Screen, measure_subject, serve};
use rusqlite::Connection;
use std::path::Path;
use std::time::{Duration, Instant};

/// The visits of a visitor, on average.
const VISITS_PER_VISITOR: i64 = 3;
const RANGE: &str = "date=last-365-days";

/// The screens, with what the project asks of their median, if anything.
fn screens() -> Vec<Screen> {
    let report =
        |name, more: &str, wanted| (name, format!("/sites/1/reports/retention?{more}{RANGE}"), wanted);
    vec![
        report("by month", "by=month&", Some(250)),
        report("by week", "by=week&", Some(250)),
        report("by month, of a source", "by=month&source=Searches&", None),
    ]
}

/// Gives visits recognized visitors, unless they have some, and lets the server seal the days anew.
fn prepare(file: &Path) {
    let connection = Connection::open(file).unwrap();
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let visits = number("select count(*) from visits where site_id = 1");
    let visitors = visits / VISITS_PER_VISITOR;
    let begun = Instant::now();
    if number("select count(*) from visits where site_id = 1 and visitor_id < 1 << 53") * 2 < visits {
        let sql = format!(
            "begin;
             update visits set visitor_id = 1 + abs(random()) % {visitors}, flags = flags & ~1 where site_id = 1;
             update visits set flags = flags | 1
             where site_id = 1 and id = (
               select min(earlier.id) from visits as earlier
               where earlier.site_id = 1 and earlier.visitor_id = visits.visitor_id);
             delete from block_ranges; delete from blocks; delete from jobs where name = 'seal days';
             commit"
        );
        connection.execute_batch(&sql).unwrap();
        let (_server, _) = serve(file);
        while number("select not exists (select 1 from jobs where name = 'seal days' and milliseconds >= 0)")
            > 0
        {
            // A pause between two looks at the progress, which is what is waited for.
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    println!(
        "retention: {visits} visits, {visitors} visitors, prepared in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
}

/// Measures the screens whose names contain a text.
pub fn measure(file: &Path, cookie: &str, runs: u64, only: Option<&str>) {
    prepare(file);
    measure_subject(file, ("retention", screens()), cookie, runs, only);
}
