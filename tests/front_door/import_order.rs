//! Importing logs whose lines are not in the order of time, and files whose last line has no end.

use super::harness::Desk;
use super::import::{file, import, log, packed, request, rows};

/// The lines of a text, the last one first.
pub fn newest_first(text: &str) -> String {
    text.lines().rev().flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn a_visit_begins_with_its_oldest_line_wherever_that_stands() {
    let desk = Desk::with_site();
    let lines: String = [(3, "/third"), (0, "/first"), (8, "/last"), (1, "/second")]
        .map(|(minute, path)| request("81.2.69.1", minute, &format!("GET {path} HTTP/1.1"), 200))
        .concat();
    assert_eq!(import(&desk, &file(&desk, "access.log", lines))["taken"], 4);
    let ends = desk.texts(
        "select landings.text || ' ' || exits.text from visits
         join labels as landings on landings.id = landing join labels as exits on exits.id = exit",
    );
    assert_eq!(ends, ["https://bakery.example/first https://bakery.example/last"]);
    let noon = 1_793_530_800_000_i64;
    assert_eq!(desk.number("select (id >> 20) from visits"), noon);
    assert_eq!(desk.number("select stay from visits"), 8 * 60_000);
}

#[test]
fn a_log_with_the_newest_line_first_reads_as_the_same_log_the_other_way_round() {
    let (usual, reversed) = (Desk::with_site(), Desk::with_site());
    // Two pages of one visitor in the same second: their order is that of the file.
    let same =
        ["/one", "/two", "/three"].map(|path| request("81.2.69.5", 90, &format!("GET {path} HTTP/1.1"), 200));
    let text = log() + &same.concat();
    let expected = import(&usual, &file(&usual, "access.log", &text));
    let said = import(&reversed, &file(&reversed, "access.log", newest_first(&text)));
    assert_eq!(rows(&usual), rows(&reversed));
    for count in ["lines", "taken", "left_out", "refused"] {
        assert_eq!(said[count], expected[count], "{count}");
    }
}

#[test]
fn a_log_that_is_out_of_order_goes_on_where_it_stopped_when_it_has_grown() {
    let (whole, grown) = (Desk::with_site(), Desk::with_site());
    let lines = [5, 0, 2, 100, 91, 93]
        .map(|minute| request("81.2.69.1", minute, &format!("GET /{minute} HTTP/1.1"), 200));
    import(&whole, &file(&whole, "access.log", lines.concat()));
    let path = file(&grown, "access.log", lines[..3].concat());
    assert_eq!(import(&grown, &path)["lines"], 3);
    file(&grown, "access.log", lines.concat());
    let said = import(&grown, &path);
    assert_eq!((&said["goes_on"], &said["lines"]), (&true.into(), &3.into()));
    assert_eq!(import(&grown, &path)["outcome"], "nothing-new");
    assert_eq!(rows(&whole), rows(&grown));
}

#[test]
fn the_last_line_of_a_packed_log_counts_also_without_an_end() {
    let desk = Desk::with_site();
    let text = log();
    let said = import(&desk, &file(&desk, "access.log.1.gz", packed(text.trim_end())));
    assert_eq!(
        (&said["lines"], &said["taken"], &said["unfinished_line"]),
        (&8.into(), &4.into(), &false.into())
    );
    let again = import(&desk, &file(&desk, "access.log.1", &text));
    assert_eq!(again["taken"], 0, "the line with its end is no other one");
}
